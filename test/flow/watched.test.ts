import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, OK, type Status } from "../../src/core/status.ts";
import { type Watch, watched } from "../../src/flow/watched.ts";
import { IGNORED, type Reply, type Service } from "../../src/ports/service.ts";
import { ask } from "../kit/ask.ts";

type Texts = Service<string, string, string, string>;

const watching = (service: Texts): { readonly seen: string[]; readonly service: Texts } => {
  const seen: string[] = [];
  const open = (head: string): Watch<string, string> => ({
    requests: (batch) => void seen.push(`${head} > ${batch.join()}`),
    replies: (batch) => void seen.push(`${head} < ${batch.join()}`),
    halfClosed: () => void seen.push("half-closed"),
    ended: ({ code }: Status) => void seen.push(`ended ${code}`),
  });
  return { seen, service: watched(open, service) };
};

const answering = (reply: Reply<string, string>): ReturnType<Texts> => ({
  ...IGNORED,
  write: (batch) => reply.write(batch) || true,
  end: () => reply.end(OK),
});

for (const slow of [false, true]) {
  test(`a watcher hears everything once, and changes nothing${slow ? ", slow reader" : ""}`, async () => {
    const { seen, service } = watching((_head, reply) => answering(reply));
    const { status, replies } = await ask(service, "h", { requests: ["a", "b"], slow });
    assert.deepEqual([status, replies], [OK, ["a", "b"]]);
    assert.deepEqual(seen, ["h > a", "h < a", "h > b", "h < b", "half-closed", "ended 0"]);
  });
}

test("a refusal is an end", async () => {
  const { seen, service } = watching(() => {
    throw fail("UNAUTHENTICATED", "no");
  });
  await ask(service, "h", { requests: ["a"] });
  assert.deepEqual(seen, ["ended 16"]);
});

test("a caller that leaves is an end, once", async () => {
  const { seen, service } = watching(() => IGNORED);
  await ask(service, "h", { requests: ["a", "b"], leave: 1 });
  assert.deepEqual(seen, ["h > a", "ended 1"]);
});
