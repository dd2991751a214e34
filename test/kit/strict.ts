// Holds both sides of a port to its contract: a breach is an AssertionError at the line that broke it.
import assert from "node:assert/strict";
import type { Batch, Reply, Requests, Service } from "../../src/ports/service.ts";

/** What may still come after a false: what was on its way. */
const OVERRUN_MAX = 16;

export const strict =
  <Head, Request, Response, Meta>(next: Service<Head, Request, Response, Meta>): Service<Head, Request, Response, Meta> =>
  (head, reply) => {
    const state = { returned: false, overrun: 0, headed: false, over: "", ended: false, more: true };
    const outward = strictReply(state, reply);
    const to = next(head, outward);
    state.returned = true;
    return strictRequests(state, to);
  };

interface State {
  returned: boolean;
  overrun: number;
  headed: boolean;
  over: string;
  ended: boolean;
  more: boolean;
}

const alive = (state: State, what: string): void => {
  assert.ok(state.returned, `${what} before the service returned`);
  assert.equal(state.over, "", `${what} after ${state.over}`);
};

const strictReply = <Response, Meta>(state: State, reply: Reply<Response, Meta>): Reply<Response, Meta> => ({
  headers(meta) {
    if (state.over === "cancel") return;
    alive(state, "headers");
    assert.ok(!state.headed, "headers twice or after a write");
    state.headed = true;
    reply.headers(meta);
  },
  write(batch) {
    if (state.over === "cancel") return false;
    alive(state, "write");
    assert.ok(batch.length > 0, "an empty batch");
    state.headed = true;
    const go = reply.write(batch);
    state.overrun = go ? 0 : state.overrun + 1;
    assert.ok(state.overrun <= OVERRUN_MAX, "goes on after false");
    return go;
  },
  end(status, trailers) {
    if (state.over === "cancel") return;
    alive(state, "end");
    state.over = "end";
    reply.end(status, trailers);
  },
  ready() {
    assert.ok(state.returned, "ready before the service returned");
    state.more = true;
    reply.ready();
  },
});

const strictRequests = <Request>(state: State, to: Requests<Request>): Requests<Request> => ({
  write(batch: Batch<Request>) {
    if (state.over === "end") return true;
    alive(state, "a request");
    assert.ok(batch.length > 0, "an empty batch of requests");
    assert.ok(!state.ended, "a request after the half-close");
    assert.ok(state.more, "a request after false, before ready");
    state.more = false; // A ready() from inside write() counts.
    const go = to.write(batch) || state.more;
    state.more = go;
    return go;
  },
  end() {
    if (state.over === "end") return;
    alive(state, "half-close");
    assert.ok(!state.ended, "half-close twice");
    state.ended = true;
    to.end();
  },
  cancel(status) {
    if (state.over === "end") return;
    alive(state, "cancel");
    state.over = "cancel";
    to.cancel(status);
  },
  ready() {
    state.overrun = 0;
    if (state.over === "") to.ready();
  },
});
