// franz-go's suite against two brokers of this package: one that keeps its data on disk, and one that wants authentication.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../../src/broker/start-broker.ts";
import { type FranzGoOutcome, runFranzGo } from "./franz-go.ts";

/** Ends the brokers and removes their data. */
export const judgedByFranzGo = async (records: number, timeoutMs: number): Promise<FranzGoOutcome> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-franz-go-"));
  const [user, password] = ["alice", "alice-secret"];
  try {
    const broker = await startBroker({ data });
    const secure = await startBroker({ users: { [user]: password } });
    try {
      const at = { bootstrap: broker.bootstrap, secure: { bootstrap: secure.bootstrap, user, password } };
      return await runFranzGo({ ...at, records, timeoutMs });
    } finally {
      await Promise.all([broker.close(), secure.close()]);
    }
  } finally {
    rmSync(data, { recursive: true });
  }
};
