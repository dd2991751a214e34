// The embedded broker beside Apache Kafka: both are asked the same at random, and answer the same.
import { after, before, describe, test } from "node:test";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { play } from "../kit/differential/game.ts";
import { GAME_BROKER, GAME_KAFKA } from "../kit/differential/kafka.ts";
import { needs } from "../kit/needs.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const SEEDS = [1, 2, 3];
const STEPS = 300;

describe("the embedded broker answers as Apache Kafka does", needs("kafka"), () => {
  let kafka: SharedKafka;
  let broker: RunningBroker;
  before(async () => {
    kafka = await sharedKafka(GAME_KAFKA);
    broker = await startBroker(GAME_BROKER);
  });
  after(async () => {
    await broker?.close();
    await kafka?.stop();
  });

  for (const seed of SEEDS) {
    test(`${STEPS} random steps of seed ${seed} tell no difference`, () =>
      play({ bootstraps: [kafka.bootstrap, broker.bootstrap], seed, steps: STEPS }));
  }
});
