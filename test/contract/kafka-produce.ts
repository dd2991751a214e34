// The claims of `produce`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import { partitionFor } from "../../src/kafka/wire/murmur2.ts";
import type { ProducedRecord, RecordHeaders } from "../../src/ports/kafka.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import type { Claims } from "./kafka-subject.ts";

export const recordOf = (key: string | null, value: string | null, headers: RecordHeaders = []): ProducedRecord => ({
  key: key === null ? null : utf8(key),
  value: value === null ? null : utf8(value),
  headers,
});

export const produceClaims = ({ subject, timeoutMs }: Claims): void => {
  const claim = (name: string, run: () => Promise<void>): void => {
    test(name, { timeout: timeoutMs }, run);
  };

  for (const acks of ["leader_only", "in_sync_replicas"] as const)
    claim(`the records of a produce lie together, in order, where the receipt says (${acks})`, async () => {
      const { kafka, topic: make } = subject();
      const topic = await make(3);
      const { status, at } = await produced(
        kafka,
        { topic, acks },
        ["a", "b", "c"].map((value) => recordOf("some key", value)),
      );
      assert.deepEqual(status, { code: Code.OK, message: "" });
      assert.deepEqual(at, { partition: partitionFor(utf8("some key"), 3), offset: 0 });
      const fetching = new Fetching(kafka, { topic });
      await fetching.until(3);
      assert.deepEqual(
        fetching.records.map(({ partition, offset }) => [partition, offset]),
        [0, 1, 2].map((offset) => [at!.partition, offset]),
      );
      assert.deepEqual(fetching.values, ["a", "b", "c"]);
      fetching.cancel();
    });

  claim("records of one key keep their order over many produces that are not waited for", async () => {
    const { kafka, topic: make } = subject();
    const topic = await make(2);
    const values = Array.from({ length: 200 }, (_, index) => `v${index}`);
    const receipts = await Promise.all(values.map((value) => produced(kafka, { topic, acks: "in_sync_replicas" }, [recordOf("k", value)])));
    assert.deepEqual(
      receipts.map(({ at }) => at!.offset),
      values.map((_, index) => index),
    );
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(values.length);
    assert.deepEqual(fetching.values, values);
    fetching.cancel();
  });

  claim("a null value and an empty one, a null key and an empty one are told apart", async () => {
    const { kafka, topic: make } = subject();
    const topic = await make(1);
    await produced(kafka, { topic, acks: "leader_only" }, [recordOf("k", null), recordOf("", ""), recordOf(null, "v")]);
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(3);
    const lengths = fetching.records.map(({ key, value }) => [key?.length ?? null, value?.length ?? null]);
    assert.deepEqual(lengths, [
      [1, null],
      [0, 0],
      [null, 1],
    ]);
    fetching.cancel();
  });

  claim("headers keep their order, their duplicates, and values that are null or empty", async () => {
    const { kafka, topic: make } = subject();
    const topic = await make(1);
    const headers = [
      ["b", "1"],
      ["a", null],
      ["b", "2"],
      ["c", ""],
      ["ä", "3"],
    ].map(([name, value]) => ({
      name: name!,
      value: value === null ? null : utf8(value!),
    }));
    await produced(kafka, { topic, acks: "leader_only" }, [recordOf("k", "v", headers)]);
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(1);
    const seen: [string, string | null][] = [];
    fetching.records[0]!.eachHeader((name, value) => seen.push([name, value === null ? null : Buffer.from(value).toString()]));
    assert.deepEqual(seen, [
      ["b", "1"],
      ["a", null],
      ["b", "2"],
      ["c", ""],
      ["ä", "3"],
    ]);
    assert.equal(Buffer.from(fetching.records[0]!.header("b")!).toString(), "2");
    assert.equal(fetching.records[0]!.header("a"), null);
    assert.equal(fetching.records[0]!.header("none"), undefined);
    fetching.cancel();
  });

  claim("a large value arrives as it was", async () => {
    const { kafka, topic: make } = subject();
    const topic = await make(1);
    const value = Uint8Array.from({ length: 500_000 }, (_, index) => index % 251);
    const { status } = await produced(kafka, { topic, acks: "leader_only" }, [{ key: utf8("k"), value, headers: [] }]);
    assert.equal(status.code, Code.OK);
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(1);
    assert.ok(Buffer.from(fetching.records[0]!.value!).equals(value));
    fetching.cancel();
  });

  claim("without acks the receipt is OK and knows no offset", async () => {
    const { kafka, topic: make } = subject();
    const topic = await make(1);
    const { status, at } = await produced(kafka, { topic, acks: "none" }, [recordOf("k", "v")]);
    assert.deepEqual([status.code, at?.offset], [Code.OK, -1]);
    const fetching = new Fetching(kafka, { topic });
    await fetching.until(1);
    fetching.cancel();
  });

  claim("a topic that does not exist is named", async () => {
    const { status } = await produced(subject().kafka, { topic: "no-such-topic", acks: "leader_only" }, [recordOf("k", "v")]);
    assert.equal(status.code, Code.FAILED_PRECONDITION);
    assert.match(status.message, /no-such-topic/);
  });
};
