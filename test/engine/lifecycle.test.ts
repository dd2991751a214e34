import assert from "node:assert/strict";
import { test } from "node:test";
import type { PortName } from "../../src/bindings/binding.ts";
import { logTo, silentLog } from "../../src/core/log.ts";
import { Lifecycle } from "../../src/engine/lifecycle.ts";
import type { LinkedBinding } from "../../src/engine/link.ts";
import { ManualClock } from "../kit/clock.ts";
import { bindingNode, referenceTo } from "../kit/nodes.ts";

const clock = new ManualClock(0);

interface Stage {
  readonly serves?: readonly PortName[];
  readonly failing?: "start" | "drain";
}

const binding = (seen: string[], type: string, { serves = [], failing }: Stage = {}): LinkedBinding => {
  const said = (verb: string) => async (): Promise<void> => {
    seen.push(`${verb} ${type}`);
    if (verb === failing) throw new Error(`${type} cannot ${verb}`);
  };
  const node = bindingNode(type, "server", type);
  if (type === "kafka-grpc") node.entry = referenceTo(bindingNode("kafka", "client", "kafka"), 1);
  const drain = async (untilMs: number): Promise<void> => {
    seen.push(`drain ${type} until ${untilMs}`);
    if (failing === "drain") throw new Error(`${type} cannot drain`);
  };
  return { node, serves, bound: { ports: {}, start: said("start"), drain, close: said("close") } };
};

const chain = (seen: string[]): readonly LinkedBinding[] => [
  binding(seen, "kafka", { serves: ["kafka"] }),
  binding(seen, "grpc-kafka", { serves: ["grpc"] }),
  binding(seen, "kafka-grpc"),
  binding(seen, "http", { serves: ["connection"] }),
  binding(seen, "tls", { serves: ["connection"] }),
  binding(seen, "tcp"),
];

test("the far end starts first; servers drain first, then consumers, then the rest; closing is the reverse of starting", async () => {
  const seen: string[] = [];
  const lifecycle = new Lifecycle(chain(seen), { clock, log: silentLog });
  await lifecycle.start();
  await lifecycle.drain(30_000);
  await lifecycle.close();
  assert.deepEqual(seen, [
    ...["kafka", "grpc-kafka", "kafka-grpc", "http", "tls", "tcp"].map((type) => `start ${type}`),
    ...["tcp", "tls", "http"].map((type) => `drain ${type} until 20000`),
    ...["kafka-grpc", "grpc-kafka", "kafka"].map((type) => `drain ${type} until 30000`),
    ...["tcp", "tls", "http", "kafka-grpc", "grpc-kafka", "kafka"].map((type) => `close ${type}`),
  ]);
});

test("a start that fails closes what had started, itself included, and says why", async () => {
  const seen: string[] = [];
  const lifecycle = new Lifecycle(
    [binding(seen, "kafka", { serves: ["kafka"] }), binding(seen, "http", { failing: "start" }), binding(seen, "tcp")],
    {
      clock,
      log: silentLog,
    },
  );
  await assert.rejects(lifecycle.start(), /http cannot start/);
  assert.deepEqual(seen, ["start kafka", "start http", "close http", "close kafka"]);
});

test("what fails to drain is logged, and the others drain", async () => {
  const seen: string[] = [];
  const lines: string[] = [];
  const lifecycle = new Lifecycle([binding(seen, "kafka", { serves: ["kafka"] }), binding(seen, "http", { failing: "drain" })], {
    clock,
    log: logTo((line) => lines.push(line), "info"),
  });
  await lifecycle.start();
  await lifecycle.drain(3_000);
  assert.deepEqual(seen.slice(2), ["drain http until 2000", "drain kafka until 3000"]);
  assert.match(lines.join(""), /test:http did not drain/);
});
