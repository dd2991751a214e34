// The claims of `fetch`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import type { Filter, Kafka, StoredRecord } from "../../src/ports/kafka.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import { recordOf } from "./kafka-produce.ts";
import type { Claims } from "./kafka-subject.ts";

const written = async (kafka: Kafka, topic: string, values: readonly string[]): Promise<void> => {
  // The key is the letter a value begins with: so values spread over partitions and each letter keeps its order.
  const receipts = await Promise.all(
    values.map((value) =>
      produced(kafka, { topic, acks: "in_sync_replicas" }, [recordOf(value[0]!, value, [{ name: "h", value: utf8(value[0]!) }])]),
    ),
  );
  for (const { status } of receipts) assert.equal(status.code, Code.OK);
};

const LETTERS = ["a", "b", "c", "d", "e"];
const spread = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${LETTERS[index % LETTERS.length]}${from + index}`);

const idOf = ({ partition, offset }: StoredRecord): string => `${partition}/${offset}`;

/** The values of each letter, which keep their order; letters have none among each other. */
const byLetter = (values: readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(LETTERS.map((letter) => [letter, values.filter((value) => value.startsWith(letter))]));

export const fetchClaims = (claims: Claims): void => {
  fromClaims(claims);
  filterClaims(claims);
  correlatedClaims(claims);
  progressClaims(claims);
  readerClaims(claims);
};

type Claim = (name: string, run: (kafka: Kafka, topic: (partitions: number) => Promise<string>) => Promise<void>) => void;
const claiming =
  ({ subject, timeoutMs }: Claims): Claim =>
  (name, run) => {
    test(name, { timeout: timeoutMs }, () => run(subject().kafka, (partitions) => subject().topic(partitions)));
  };

const fromClaims = (claims: Claims): void => {
  const claim = claiming(claims);
  claim("from the earliest: what is there, then what comes", async (kafka, make) => {
    const topic = await make(2);
    await written(kafka, topic, spread(0, 30));
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(30);
    await written(kafka, topic, spread(30, 50));
    await fetching.until(50);
    assert.deepEqual(byLetter(fetching.values), byLetter([...spread(0, 30), ...spread(30, 50)]));
    fetching.cancel();
  });

  claim("from the latest: nothing of before, everything after headers", async (kafka, make) => {
    const topic = await make(2);
    await written(kafka, topic, spread(0, 10));
    const fetching = new Fetching(kafka, { topic, from: "latest" });
    const position = await fetching.started();
    assert.equal(
      [...position.values()].reduce((sum, offset) => sum + offset, 0),
      10,
    );
    await written(kafka, topic, spread(10, 30));
    await fetching.until(20);
    assert.deepEqual(byLetter(fetching.values), byLetter(spread(10, 30)));
    fetching.cancel();
  });

  claim("from a position: by partition, earliest as -2, latest as -1, others by the entry -1 or the earliest", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, ["a0", "a1", "a2", "a3"]);
    const from = async (position: readonly (readonly [number, number])[], wanted: readonly string[]): Promise<void> => {
      const fetching = new Fetching(kafka, { topic, from: new Map(position) });
      await fetching.started();
      if (wanted.length > 0) await fetching.until(wanted.length);
      assert.deepEqual(fetching.values, wanted);
      fetching.cancel();
    };
    await from([[0, 2]], ["a2", "a3"]);
    await from([[0, -2]], ["a0", "a1", "a2", "a3"]);
    await from([[0, -1]], []);
    await from([], ["a0", "a1", "a2", "a3"]);
    await from([[-1, 3]], ["a3"]);
  });

  claim("from a time: the first record at or after it", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, ["a0", "a1"]);
    const all = new Fetching(kafka, { topic });
    await all.until(2);
    all.cancel();
    const fetching = new Fetching(kafka, { topic, from: { timestampMs: all.records[1]!.timestampMs } });
    await fetching.until(1);
    assert.ok(fetching.records[0]!.timestampMs >= all.records[1]!.timestampMs);
    fetching.cancel();
    const none = new Fetching(kafka, { topic, from: { timestampMs: all.records[1]!.timestampMs + 3_600_000 } });
    await none.started();
    await written(kafka, topic, ["a2"]);
    await none.until(1);
    assert.deepEqual(none.values, ["a2"]);
    none.cancel();
  });

  claim("a position that is not there is OUT_OF_RANGE", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, ["a0"]);
    const fetching = new Fetching(kafka, { topic, from: new Map([[0, 1_000]]) });
    assert.equal((await fetching.ended()).code, Code.OUT_OF_RANGE);
  });

  claim("a topic that does not exist ends the fetch, and is named", async (kafka) => {
    const status = await new Fetching(kafka, { topic: "no-such-topic" }).ended();
    assert.equal(status.code, Code.FAILED_PRECONDITION);
    assert.match(status.message, /no-such-topic/);
  });

  claim("only the partitions that are asked for", async (kafka, make) => {
    const topic = await make(3);
    await written(kafka, topic, spread(0, 30));
    const all = new Fetching(kafka, { topic });
    await all.until(30);
    all.cancel();
    const partition = all.records[0]!.partition;
    const wanted = all.records.filter((record) => record.partition === partition);
    const fetching = new Fetching(kafka, { topic, partitions: [partition] });
    await fetching.until(wanted.length);
    assert.deepEqual(fetching.records.map(idOf), wanted.map(idOf));
    assert.deepEqual([...(await fetching.started()).keys()], [partition]);
    fetching.cancel();
  });
};

const filterClaims = (claims: Claims): void => {
  const claim = claiming(claims);
  const header = (name: string, value: string) => ({ name, value: utf8(value) });
  claim("filters are OR-ed, the conditions of one are AND-ed, any header of a name counts", async (kafka, make) => {
    const topic = await make(2);
    const records = [
      recordOf("k1", "0", [header("a", "1"), header("b", "1")]),
      recordOf("k1", "1", [header("a", "2")]),
      recordOf("k2", "2", [header("a", "1"), header("a", "3")]),
      recordOf("k2", "3", [{ name: "a", value: null }]),
      recordOf(null, "4", []),
    ];
    // One record at the end of each partition that all of these want: when both are there, everything before them was passed.
    const last = ["k1", "k2", "a", "b", "c", "d"].map((key) => recordOf(key, "end", [header("end", "1")]));
    for (const record of [...records, ...last]) await produced(kafka, { topic, acks: "in_sync_replicas" }, [record]);
    const filtered = async (filters: readonly Filter[], wanted: string[]): Promise<void> => {
      const end = filters.length === 0 ? [] : [{ headers: [header("end", "1")] }];
      const fetching = new Fetching(kafka, { topic, filters: [...filters, ...end] });
      await fetching.until(wanted.length + last.length);
      assert.deepEqual(fetching.values.filter((value) => value !== "end").sort(), wanted);
      fetching.cancel();
    };
    await filtered([{ key: utf8("k1") }], ["0", "1"]);
    await filtered([{ headers: [header("a", "1")] }], ["0", "2"]);
    await filtered([{ headers: [header("a", "3")] }], ["2"]);
    await filtered([{ headers: [header("a", "1"), header("b", "1")] }], ["0"]);
    await filtered([{ key: utf8("k2"), headers: [header("a", "1")] }], ["2"]);
    await filtered([{ key: utf8("k1"), headers: [header("a", "2")] }, { headers: [header("a", "3")] }], ["1", "2"]);
    await filtered([], ["0", "1", "2", "3", "4"]);
    await filtered([{}], ["0", "1", "2", "3", "4"]);
  });
};

const correlatedClaims = (claims: Claims): void => {
  const claim = claiming(claims);
  const correlated = (id: string) => ({ name: "id", value: utf8(id) });
  claim("a correlated fetch gets what is produced after headers, and nothing of others, for many at once", async (kafka, make) => {
    const topic = await make(2);
    const calls = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const fetching = new Fetching(kafka, { topic, from: "latest", correlated: correlated(`call-${index}`) });
        await fetching.started();
        const headers = [correlated(`call-${index}`)];
        const receipt = await produced(kafka, { topic, acks: "leader_only" }, [
          recordOf(`k${index}`, `${index}-a`, headers),
          recordOf(`k${index}`, null, headers),
        ]);
        assert.equal(receipt.status.code, Code.OK);
        await fetching.until(2);
        return fetching;
      }),
    );
    for (const [index, fetching] of calls.entries()) {
      assert.deepEqual(fetching.values, [`${index}-a`, "null"]);
      fetching.cancel();
    }
  });

  claim("two correlated fetches of one value both get everything", async (kafka, make) => {
    const topic = await make(1);
    const both = [0, 1].map(() => new Fetching(kafka, { topic, from: "latest", correlated: correlated("one") }));
    for (const fetching of both) await fetching.started();
    await produced(kafka, { topic, acks: "leader_only" }, [
      recordOf("k", "other", [correlated("two")]),
      recordOf("k", "v", [correlated("one")]),
    ]);
    for (const fetching of both) {
      await fetching.until(1);
      assert.deepEqual(fetching.values, ["v"]);
      fetching.cancel();
    }
  });

  claim("from the earliest, a correlated fetch gets what was there already, then what comes", async (kafka, make) => {
    const topic = await make(2);
    for (let index = 0; index < 20; index++)
      await produced(kafka, { topic, acks: "leader_only" }, [recordOf(`k${index}`, `v${index}`, [correlated(`call-${index % 5}`)])]);
    const fetching = new Fetching(kafka, { topic, correlated: correlated("call-3") });
    await fetching.until(4);
    assert.deepEqual([...fetching.values].sort(), ["v13", "v18", "v3", "v8"]);
    await produced(kafka, { topic, acks: "leader_only" }, [recordOf("k", "new", [correlated("call-3")])]);
    await fetching.until(5);
    assert.equal(fetching.values[4], "new");
    fetching.cancel();
  });
};

const progressClaims = (claims: Claims): void => {
  const claim = claiming(claims);
  claim("from the progress of any record, a reader gets exactly what the first one got after it", async (kafka, make) => {
    const topic = await make(3);
    await written(kafka, topic, spread(0, 12));
    const first = new Fetching(kafka, { topic });
    await first.until(12);
    await written(kafka, topic, spread(12, 24));
    await first.until(24);
    first.cancel();
    for (const [index, record] of first.records.entries()) {
      assert.equal(record.progress[record.partition], record.offset + 1);
      const resumed = new Fetching(kafka, { topic, from: new Map(record.progress.entries()) });
      const rest = first.records
        .slice(index + 1)
        .map(idOf)
        .sort();
      await resumed.until(rest.length);
      await resumed.started();
      assert.deepEqual(resumed.records.map(idOf).sort(), rest);
      resumed.cancel();
    }
  });

  claim("records that a filter passes over count as passed", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, ["a0", "b1", "b2", "a3"]);
    const fetching = new Fetching(kafka, { topic, filters: [{ key: utf8("a") }] });
    await fetching.until(2);
    assert.deepEqual(
      fetching.records.map(({ progress }) => [...progress]),
      [[1], [4]],
    );
    fetching.cancel();
  });
};

const readerClaims = (claims: Claims): void => {
  const claim = claiming(claims);
  claim("a slow reader gets everything, once and in order, beside fast ones", async (kafka, make) => {
    const topic = await make(2);
    await written(kafka, topic, spread(0, 50));
    const readers = [new Fetching(kafka, { topic }, "slow"), new Fetching(kafka, { topic }), new Fetching(kafka, { topic }, "slow")];
    await readers[1]!.until(50);
    await written(kafka, topic, spread(50, 100));
    for (const fetching of readers) {
      await fetching.until(100);
      assert.deepEqual(byLetter(fetching.values), byLetter([...spread(0, 50), ...spread(50, 100)]));
      fetching.cancel();
    }
  });

  claim("a cancel is heard at once, and leaves no reader", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, spread(0, 20));
    const open = claims.subject().open?.();
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(1);
    fetching.cancel(); // What is written afterwards fails the test.
    new Fetching(kafka, { topic }).cancel();
    const other = new Fetching(kafka, { topic });
    await other.until(20);
    other.cancel();
    assert.equal(claims.subject().open?.(), open);
  });
};
