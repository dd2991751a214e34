// An attack on a thread of its own, so that the time it takes to make is not taken from the client that is watched meanwhile. It waits for a
// word to begin, and ends with the attack; one that waits for timers is left alone once it has begun.
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { attackNamed } from "./all.ts";
import { endingOf } from "./outcome.ts";

/** What a thread is told. */
export interface AttackOrder {
  readonly name: string;
  readonly port: number;
}

const { name, port }: AttackOrder = workerData;
const attack = attackNamed(name);
if (parentPort === null) throw new Error("this runs on a thread");
parentPort.postMessage("ready");
await once(parentPort, "message");
parentPort.close();
if (attack.waitsMs === undefined) await endingOf(attack, port);
else (await attack.run(port)).socket.unref();
