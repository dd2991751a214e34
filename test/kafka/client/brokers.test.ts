import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Brokers, type BrokersOptions } from "../../../src/kafka/client/brokers.ts";
import { Ended } from "../../../src/kafka/client/life.ts";
import type { LinkOptions } from "../../../src/kafka/client/link.ts";
import { Report } from "../../../src/kafka/client/report.ts";
import { ManualClock } from "../../kit/clock.ts";
import { FakeLink } from "../../kit/fake-link.ts";
import { testRuntime } from "../../kit/runtime.ts";

const refusal = (): Error => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

/** Brokers whose dials are recorded, and fail as long as `down` says so. */
const brokersOf = (options: Partial<BrokersOptions> = {}) => {
  const clock = new ManualClock();
  const runtime = testRuntime({ clock });
  const dials: LinkOptions[] = [];
  const links: FakeLink[] = [];
  const state = { down: false };
  const brokers = new Brokers({
    bootstrap: [{ host: "boot", port: 9092 }],
    dial: { allows: () => true },
    clientId: "c",
    clock,
    report: new Report({ ...runtime, namespace: "n", binding: "b" }),
    open: async (dial) => {
      dials.push(dial);
      if (state.down) throw refusal();
      const link = new FakeLink();
      links.push(link);
      return link;
    },
    ...options,
  });
  brokers.update([
    { id: 1, host: "one", port: 1 },
    { id: 2, host: "two", port: 2 },
  ]);
  return { brokers, clock, runtime, dials, links, state };
};

test("a purpose has one connection a broker, shared by all, and another when that has closed", async () => {
  const { brokers, dials, links } = brokersOf();
  const [first, second, other] = await Promise.all([brokers.link(1, "admin"), brokers.link(1, "admin"), brokers.link(1, "produce")]);
  assert.equal(first, second);
  assert.notEqual(first, other);
  links[0]!.close();
  const again = await brokers.link(1, "admin");
  assert.notEqual(again, first);
  assert.deepEqual(
    dials.map(({ host, port }) => `${host}:${port}`),
    ["one:1", "one:1", "one:1"],
  );
});

test("a connection that is closing and has not said so yet is not handed out again", async () => {
  const { brokers, links } = brokersOf();
  const first = await brokers.link(1, "admin");
  links[0]!.open = false;
  const [second, third] = await Promise.all([brokers.link(1, "admin"), brokers.link(1, "admin")]);
  assert.notEqual(second, first);
  assert.equal(second, third);
});

test("a connection of one's own is shared with nobody", async () => {
  const { brokers } = brokersOf();
  assert.notEqual(await brokers.own(1), await brokers.own(1));
});

test("after a failure the next dial waits, longer each time, and both ends are told once", async () => {
  const { brokers, clock, runtime, state, dials } = brokersOf();
  state.down = true;
  for (const waitMs of [0, 50, 100, 200]) {
    const dialled = dials.length;
    const failing = assert.rejects(brokers.link(1, "admin"), /cannot connect to broker one:1: nobody listens there/);
    await turn();
    if (waitMs > 0) assert.equal(dials.length, dialled, "dials too soon");
    clock.advance(waitMs);
    await failing;
    assert.equal(dials.length, dialled + 1);
  }
  assert.equal(runtime.lines.length, 1);
  assert.equal(runtime.heard.length, 1);
  assert.equal(runtime.heard[0]!.event, "binding.kafka.broker.connection.failed");
  state.down = false;
  const opening = brokers.link(1, "admin");
  await turn();
  clock.advance(5_000);
  await opening;
  assert.match(runtime.lines[1]!, /connected to broker one:1 again/);
});

test("any broker is one that is connected, else another each time, of the cluster and of the bootstrap list", async () => {
  const { brokers, clock, dials, state } = brokersOf();
  state.down = true;
  for (let round = 0; round < 3; round++) await assert.rejects(brokers.any());
  assert.deepEqual(dials.map(({ host }) => host).sort(), ["boot", "one", "two"]);
  state.down = false;
  clock.advance(10_000);
  const link = await brokers.any();
  assert.equal(await brokers.any(), link);
});

test("an address that the routes do not allow is not dialled, and is named", async () => {
  const { brokers, runtime, dials } = brokersOf({ dial: { allows: (host) => host !== "two" } });
  await assert.rejects(brokers.link(2, "produce"), /broker 2 is at two:2, which the routes of the tcp client do not allow/);
  assert.equal(dials.length, 0);
  assert.match(runtime.lines.join(""), /two:2/);
  await assert.rejects(brokers.link(3, "produce"), /broker 3 is not known/);
});

test("where a place is named for every connection, the only broker of a cluster is there; those of a larger one are where they say", async () => {
  const { brokers, dials } = brokersOf({ only: { host: "gateway", port: 7 } });
  brokers.update([{ id: 1, host: "internal", port: 1 }]);
  await brokers.link(1, "produce");
  brokers.update([
    { id: 1, host: "one", port: 1 },
    { id: 2, host: "two", port: 2 },
  ]);
  await brokers.link(2, "produce");
  assert.deepEqual(
    dials.map(({ host, port }) => `${host}:${port}`),
    ["gateway:7", "two:2"],
  );
});

test("what TLS needs is read for each dial, and credentials go along", async () => {
  let reads = 0;
  const sasl = { mechanism: "PLAIN", username: "u", password: "p" } as const;
  const tls = (): { servername: string } => ({ servername: `read-${++reads}` });
  const { brokers, dials } = brokersOf({ dial: { allows: () => true, tls }, sasl });
  await brokers.own(1, 7_000);
  await brokers.own(1);
  assert.deepEqual(
    dials.map((dial) => dial.tls?.servername),
    ["read-1", "read-2"],
  );
  assert.deepEqual(
    dials.map(({ requestTimeoutMs }) => requestTimeoutMs),
    [7_000, undefined],
  );
  assert.deepEqual(dials[0]!.sasl, sasl);
});

test("closing closes what is open and ends what waits", async () => {
  const { brokers, links, state } = brokersOf();
  await brokers.link(1, "admin");
  state.down = true;
  await assert.rejects(brokers.link(2, "admin"));
  const waiting = assert.rejects(brokers.link(2, "admin"), Ended);
  brokers.close();
  await waiting;
  assert.deepEqual(
    links.map(({ open }) => open),
    [false],
  );
});
