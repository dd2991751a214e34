// Anybody may write to a topic: whatever is there is answered or passed over, counted, done, and harms no other call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import type { RecordHeader } from "../../../src/ports/kafka.ts";
import { HW, Stage, staged } from "./stage.ts";

const EMPTY = new Uint8Array(0);
const h = (name: string, value: string | Uint8Array | null): RecordHeader => ({
  name,
  value: typeof value === "string" ? utf8(value) : value,
});
const SERVICE = h("zilla:service", "example.EchoService");
const METHOD = h("zilla:method", "EchoUnary");
const REPLY_TO = h("zilla:reply-to", "responses");
const ID = h("zilla:correlation-id", "x");

interface Malformed {
  readonly what: string;
  readonly headers: readonly RecordHeader[];
  readonly value?: Uint8Array | null;
  readonly key?: Uint8Array | null;
  /** Which counter, or the status of the final record that answers it. */
  readonly outcome: "skipped" | "nameless" | "other" | number;
}

const NOTHING: readonly Malformed[] = [
  { what: "no headers", headers: [], outcome: "skipped" },
  { what: "no headers and no key", headers: [], key: null, outcome: "skipped" },
  { what: "a tombstone without headers", headers: [], value: null, outcome: "skipped" },
  { what: "an empty value without headers", headers: [], value: EMPTY, outcome: "skipped" },
  { what: "no reply-to", headers: [SERVICE, METHOD, ID], outcome: "skipped" },
  { what: "another reply-to", headers: [SERVICE, METHOD, h("zilla:reply-to", "elsewhere"), ID], outcome: "skipped" },
  { what: "an empty reply-to", headers: [SERVICE, METHOD, h("zilla:reply-to", ""), ID], outcome: "skipped" },
  { what: "a null reply-to", headers: [SERVICE, METHOD, h("zilla:reply-to", null), ID], outcome: "skipped" },
  { what: "reply-to in capitals", headers: [SERVICE, METHOD, h("Zilla:Reply-To", "responses"), ID], outcome: "skipped" },
  { what: "no correlation id", headers: [SERVICE, METHOD, REPLY_TO], outcome: "nameless" },
  { what: "an empty correlation id", headers: [SERVICE, METHOD, REPLY_TO, h("zilla:correlation-id", "")], outcome: "nameless" },
  { what: "a null correlation id", headers: [SERVICE, METHOD, REPLY_TO, h("zilla:correlation-id", null)], outcome: "nameless" },
  { what: "a tombstone without correlation id", headers: [SERVICE, METHOD, REPLY_TO], value: null, outcome: "nameless" },
  {
    what: "a huge correlation id on a value",
    headers: [SERVICE, METHOD, REPLY_TO, h("zilla:correlation-id", "i".repeat(5_000))],
    outcome: "nameless",
  },
  { what: "a cancel of nobody", headers: [h("sluice:cancel", "nobody")], value: EMPTY, outcome: "other" },
  { what: "a cancel of an empty id", headers: [h("sluice:cancel", "")], value: EMPTY, outcome: "other" },
  { what: "a cancel with a null id", headers: [h("sluice:cancel", null)], value: EMPTY, outcome: "skipped" },
  { what: "a cancel with a value", headers: [h("sluice:cancel", "x")], value: HW, outcome: "skipped" },
  { what: "a cancel as a tombstone", headers: [h("sluice:cancel", "x")], value: null, outcome: "skipped" },
];

const ANSWERED: readonly Malformed[] = [
  { what: "no service", headers: [METHOD, REPLY_TO, ID], outcome: 13 },
  { what: "no method", headers: [SERVICE, REPLY_TO, ID], outcome: 13 },
  { what: "neither", headers: [REPLY_TO, ID], outcome: 13 },
  { what: "an empty service", headers: [h("zilla:service", ""), METHOD, REPLY_TO, ID], outcome: 13 },
  { what: "a null method", headers: [SERVICE, h("zilla:method", null), REPLY_TO, ID], outcome: 13 },
  { what: "a slash in the method", headers: [SERVICE, h("zilla:method", "a/b"), REPLY_TO, ID], outcome: 13 },
  { what: "a line break in the service", headers: [h("zilla:service", "a\r\nb"), METHOD, REPLY_TO, ID], outcome: 13 },
  {
    what: "bytes that are no text in the method",
    headers: [SERVICE, h("zilla:method", new Uint8Array([0xff, 0xfe])), REPLY_TO, ID],
    outcome: 13,
  },
  { what: "a tombstone of nobody", headers: [SERVICE, METHOD, REPLY_TO, ID], value: null, outcome: 13 },
  { what: "a tombstone of nobody without a service", headers: [REPLY_TO, ID], value: null, outcome: 13 },
  {
    what: "a tombstone with another count of messages",
    headers: [SERVICE, METHOD, REPLY_TO, ID, h("sluice:messages", "1")],
    value: null,
    outcome: 13,
  },
  {
    what: "a tombstone without messages and without a service",
    headers: [METHOD, REPLY_TO, ID, h("sluice:messages", "0")],
    value: null,
    outcome: 13,
  },
  {
    what: "a huge correlation id on a tombstone",
    headers: [SERVICE, METHOD, REPLY_TO, h("zilla:correlation-id", "i".repeat(5_000))],
    value: null,
    outcome: 13,
  },
  { what: "a time that is long over", headers: [SERVICE, METHOD, REPLY_TO, ID, h("sluice:deadline", "0")], outcome: 4 },
];

const TAKEN: readonly Malformed[] = [
  {
    what: "metadata that is none",
    headers: [SERVICE, METHOD, REPLY_TO, ID, h("meta:", "x"), h("meta:a b", "x"), h("meta:c", "\u0001")],
    outcome: 0,
  },
  { what: "binary metadata that is no base64", headers: [SERVICE, METHOD, REPLY_TO, ID, h("meta:x-bin", "!!!")], outcome: 0 },
  { what: "null metadata", headers: [SERVICE, METHOD, REPLY_TO, ID, h("meta:x", null)], outcome: 0 },
  { what: "null extensions", headers: [SERVICE, METHOD, REPLY_TO, ID, h("sluice:deadline", null), h("sluice:shape", null)], outcome: 0 },
  { what: "an unknown shape", headers: [SERVICE, METHOD, REPLY_TO, ID, h("sluice:shape", "round")], outcome: 0 },
  {
    what: "every header twice: the last counts",
    headers: [h("zilla:service", "a/b"), SERVICE, METHOD, METHOD, REPLY_TO, REPLY_TO, h("zilla:correlation-id", "y"), ID],
    outcome: 0,
  },
  { what: "the right reply-to and another", headers: [SERVICE, METHOD, REPLY_TO, h("zilla:reply-to", "elsewhere"), ID], outcome: 0 },
];

const write = (stage: Stage, { headers, value = HW, key = utf8("k") }: Malformed): void => {
  stage.kafka.write("requests", { key, value, headers }, { partition: 0 });
};

for (const malformed of [...NOTHING, ...ANSWERED, ...TAKEN]) {
  const { what, outcome } = malformed;
  const how = typeof outcome === "number" ? `is answered ${outcome}` : "is passed over";
  test(
    `${what}: ${how}`,
    staged(async (stage) => {
      stage.echo();
      write(stage, malformed);
      if (outcome === 0) write(stage, { ...malformed, value: null });
      stage.unary("good");
      await stage.until(() => stage.finals("good").length === 1, "a good call's answer");
      await stage.settle();
      const answered = stage.replies().filter(({ value }) => value === null).length - 1;
      assert.equal(answered, typeof outcome === "number" ? 1 : 0);
      if (typeof outcome === "string" && outcome !== "other") assert.equal(stage.count(outcome), 1);
      if (typeof outcome === "number") {
        const codes = stage.kafka.records("responses").filter(({ value }) => value === null);
        assert.equal(String(codes[0]!.header("zilla:status")), String(utf8(String(outcome))));
      }
      assert.equal(stage.server.calls.length, outcome === 0 ? 2 : 1);
    }),
  );
}

test("a record whose headers cannot be read is passed over, and the next one is not", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.echo();
  const broken = stage.request({ id: "broken", value: HW });
  Object.assign(broken, {
    header: () => {
      throw new Error("the headers are cut off");
    },
  });
  stage.unary("good");
  await stage.until(() => stage.finals("good").length === 1, "a good call's answer");
  assert.equal(stage.count("unreadable"), 1);
  await stage.over();
});

test(
  "filters: key, headers, service and method must all hold, and the first entry that does decides",
  staged(
    async (stage) => {
      stage.echo();
      const all = [SERVICE, METHOD, REPLY_TO, h("tier", "gold")];
      const id = (name: string): RecordHeader => h("zilla:correlation-id", name);
      for (const value of [HW, null]) {
        write(stage, { what: "", headers: [...all, id("all")], value, key: utf8("k"), outcome: 0 });
        write(stage, { what: "", headers: [...all, id("key")], value, key: utf8("other"), outcome: 0 });
        write(stage, { what: "", headers: [SERVICE, METHOD, REPLY_TO, id("header")], value, key: utf8("k"), outcome: 0 });
        write(stage, { what: "", headers: [...all, h("zilla:method", "Other"), id("method")], value, key: utf8("k"), outcome: 0 });
        write(stage, {
          what: "",
          headers: [SERVICE, METHOD, h("zilla:reply-to", "responses2"), id("second")],
          value,
          key: null,
          outcome: 0,
        });
      }
      await stage.until(() => stage.server.calls.length === 3, "the calls");
      await stage.settle();
      assert.equal(stage.count("skipped"), 4);
      assert.deepEqual(stage.finals("all").length + stage.finals("method").length, 2, "any header of a name counts, not only the last");
      assert.equal(stage.kafka.records("responses2").length, 2, "replies go where the entry says");
    },
    {
      when: [{ key: "k", headers: [["tier", "gold"]], service: "example.EchoService", method: "EchoUnary" }, { replyTo: "responses2" }],
    },
  ),
);
