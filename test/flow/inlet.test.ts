import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCELLED, Code, fail, type StatusError } from "../../src/core/status.ts";
import { Inlet, type InletEdge } from "../../src/flow/inlet.ts";
import type { Requests } from "../../src/ports/service.ts";

interface Recorded {
  readonly seen: string[];
  readonly edge: InletEdge;
  readonly requests: Requests<string>;
  /** What write answers. */
  more: boolean;
}

const recorded = (): Recorded => {
  const seen: string[] = [];
  const all: Recorded = {
    seen,
    more: true,
    edge: {
      pause: () => seen.push("pause"),
      resume: () => seen.push("resume"),
      failed: ({ status }: StatusError) => seen.push(`failed ${status.code}`),
    },
    requests: {
      write: (batch) => {
        seen.push(...batch);
        return all.more;
      },
      end: () => void seen.push("end"),
      cancel: ({ code }) => void seen.push(`cancel ${code}`),
      ready: () => void seen.push("ready"),
    },
  };
  return all;
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what comes before the service has returned is held, and given in order", () => {
  const { seen, edge, requests } = recorded();
  const inlet = new Inlet<string>(edge);
  inlet.write(["a"]);
  inlet.write(["b"]);
  inlet.end();
  inlet.open(requests);
  assert.deepEqual(seen, ["pause", "a", "b", "resume", "end"]);
});

test("after false nothing is given until ready, and the source is paused once", async () => {
  const all = recorded();
  const { seen, edge, requests } = all;
  const inlet = new Inlet<string>(edge);
  inlet.open(requests);
  all.more = false;
  inlet.write(["a"]);
  inlet.write(["b"]);
  inlet.write(["c"]);
  inlet.end();
  assert.deepEqual(seen, ["a", "pause"]);
  all.more = true;
  inlet.ready();
  await turn();
  assert.deepEqual(seen, ["a", "pause", "b", "c", "resume", "end"]);
});

test("a ready from inside write wins over the false that it returns", () => {
  const { seen, edge, requests } = recorded();
  const inlet = new Inlet<string>(edge);
  const eager: Requests<string> = {
    ...requests,
    write: (batch) => {
      seen.push(...batch);
      inlet.ready();
      return false;
    },
  };
  inlet.open(eager);
  inlet.write(["a"]);
  inlet.write(["b"]);
  assert.deepEqual(seen, ["a", "b"]);
});

test("a service that stops again while it is given what was held is stopped again", async () => {
  const all = recorded();
  const { seen, edge, requests } = all;
  const inlet = new Inlet<string>(edge);
  inlet.open(requests);
  all.more = false;
  for (const item of ["a", "b", "c"]) inlet.write([item]);
  inlet.ready();
  await turn();
  assert.deepEqual(seen, ["a", "pause", "b"]);
  inlet.ready();
  await turn();
  inlet.ready();
  await turn();
  assert.deepEqual(seen, ["a", "pause", "b", "c", "resume"]);
});

test("a throw cancels the service and is told to the edge once", () => {
  const { seen, edge, requests } = recorded();
  const inlet = new Inlet<string>(edge);
  inlet.open({
    ...requests,
    write: () => {
      throw fail("UNAVAILABLE", "gone");
    },
  });
  inlet.write(["a"]);
  inlet.write(["b"]);
  inlet.cancel(CANCELLED);
  assert.deepEqual(seen, [`cancel ${Code.UNAVAILABLE}`, `failed ${Code.UNAVAILABLE}`]);
});

test("a throw that is no StatusError is INTERNAL", () => {
  const { seen, edge, requests } = recorded();
  const inlet = new Inlet<string>(edge);
  inlet.open({
    ...requests,
    end: () => {
      throw new TypeError("bug");
    },
  });
  inlet.end();
  assert.deepEqual(seen, [`cancel ${Code.INTERNAL}`, `failed ${Code.INTERNAL}`]);
});

test("after close or cancel nothing is heard any more", async () => {
  for (const over of ["close", "cancel"] as const) {
    const all = recorded();
    const inlet = new Inlet<string>(all.edge);
    inlet.open(all.requests);
    all.more = false;
    inlet.write(["a"]);
    inlet.write(["held"]);
    if (over === "close") inlet.close();
    else inlet.cancel(CANCELLED);
    inlet.ready();
    inlet.write(["b"]);
    inlet.end();
    inlet.repliesReady();
    inlet.cancel(CANCELLED);
    await turn();
    assert.deepEqual(all.seen, over === "close" ? ["a", "pause"] : ["a", "pause", "cancel 1"]);
  }
});

test("a cancel before the service was opened is not told to it, and what it then opens is not given anything", () => {
  const { seen, edge, requests } = recorded();
  const inlet = new Inlet<string>(edge);
  inlet.write(["a"]);
  inlet.cancel(CANCELLED);
  inlet.open(requests);
  assert.deepEqual(seen, ["pause"]);
});
