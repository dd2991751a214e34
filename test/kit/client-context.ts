// What the parts of a Kafka client share, for tests of one part: brokers are fake links, the cluster's metadata are what the test says.
import { fail } from "../../src/core/status.ts";
import type { TopicView } from "../../src/kafka/client/calls.ts";
import type { ClientContext } from "../../src/kafka/client/context.ts";
import { Life } from "../../src/kafka/client/life.ts";
import type { TopicWatch } from "../../src/kafka/client/metadata.ts";
import { Report } from "../../src/kafka/client/report.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { ManualClock } from "./clock.ts";
import { FakeLink } from "./fake-link.ts";
import { type TestRuntime, testRuntime } from "./runtime.ts";

export const TOPIC_ID = "00000000-0000-0000-0000-000000000007";

/** A topic whose partitions have these leaders. */
export const topicOf = (leaders: readonly number[], more: Partial<TopicView> = {}): TopicView => ({
  name: "t",
  id: TOPIC_ID,
  error: 0,
  partitions: leaders.map((leader) => ({ leader, leaderEpoch: 0 })),
  ...more,
});

export interface TestContext {
  readonly context: ClientContext;
  readonly clock: ManualClock;
  readonly runtime: TestRuntime;
  /** The open link for fetches of a broker, made when first asked for; admin requests of the broker go over it too. */
  linkTo(broker: number): FakeLink;
  /** The cluster's metadata are this from now on; whoever watches is told. */
  show(topic: TopicView): void;
  /** How often somebody thought that the metadata are old. */
  readonly stale: () => number;
}

/** The open link to a broker, made when first asked for. */
const linksOf =
  (links: Map<number, FakeLink>) =>
  (broker: number): FakeLink => {
    const known = links.get(broker);
    if (known?.open) return known;
    const made = new FakeLink();
    if (known) made.offsetOf = known.offsetOf;
    links.set(broker, made);
    return made;
  };

export const testContext = (topic: TopicView): TestContext => {
  const clock = new ManualClock();
  const runtime = testRuntime({ clock });
  const links = new Map<number, FakeLink>();
  const watches = new Set<TopicWatch>();
  let view = topic;
  let stale = 0;
  const linkTo = linksOf(links);
  const known = (name: string): TopicView | undefined => (view.name === name && view.error === 0 ? view : undefined);
  const context: ClientContext = {
    clock,
    report: new Report({ ...runtime, namespace: "n", binding: "b" }),
    life: new Life(clock),
    decompressedBytesMax: 1_000_000,
    fetchLinks: { take: async (broker) => linkTo(broker), give: () => {} },
    brokers: { link: async (broker) => linkTo(broker), own: async (broker) => linkTo(broker), any: async () => linkTo(1), has: () => true },
    metadata: {
      known,
      resolve: async (name) => known(name) ?? Promise.reject(fail("FAILED_PRECONDITION", `kafka: topic '${name}' does not exist`)),
      refresh: async () => {},
      stale: () => {
        stale += 1;
      },
      watch: (_name, watch) => {
        watches.add(watch);
        return () => watches.delete(watch);
      },
    },
  };
  const show = (next: TopicView): void => {
    view = next;
    for (const watch of [...watches]) watch(next);
  };
  return { context, clock, runtime, linkTo, show, stale: () => stale };
};

export interface BatchAt {
  readonly offset: number;
  readonly values: readonly string[];
  readonly leaderEpoch?: number;
}

/** Batches as they lie in a log: one after the other, each from its offset on. */
export const batches = (...all: readonly BatchAt[]): Uint8Array =>
  Buffer.concat(
    all.map(({ offset, values, leaderEpoch = 0 }) => {
      const records = values.map((value) => ({ key: Buffer.from(value[0] ?? ""), value: Buffer.from(value), headers: [] }));
      const bytes = Buffer.concat(encodeBatch(records, { timestampMs: 1 }).pieces);
      bytes.writeBigInt64BE(BigInt(offset), 0);
      bytes.writeInt32BE(leaderEpoch, 12);
      return bytes;
    }),
  );
