// `npm run long:differential`: ten thousand random steps of each of ten seeds, asked of Apache Kafka and of the embedded broker.
import { startBroker } from "../../src/broker/start-broker.ts";
import { play } from "../kit/differential/game.ts";
import { GAME_BROKER, GAME_KAFKA } from "../kit/differential/kafka.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import { DIFFERENTIAL } from "./expected.ts";
import { longRun } from "./record.ts";

await longRun("differential", async (report) => {
  const kafka = await sharedKafka(GAME_KAFKA);
  const broker = await startBroker(GAME_BROKER);
  try {
    for (let seed = 1; seed <= DIFFERENTIAL.seeds; seed++) {
      const began = performance.now();
      await play({ bootstraps: [kafka.bootstrap, broker.bootstrap], seed, steps: DIFFERENTIAL.steps });
      report.pass(`seed ${seed}: ${DIFFERENTIAL.steps} steps tell no difference`);
      report.figure(`seed ${seed}: seconds`, (performance.now() - began) / 1000);
    }
  } finally {
    await broker.close();
    await kafka.stop();
  }
});
