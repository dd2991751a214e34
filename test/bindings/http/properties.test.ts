// What engine properties say for all http bindings: it takes effect, the options of a binding win, and what makes no sense is said.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { test } from "node:test";
import { HTTP_LIMITS } from "../../../src/bindings/http/config.ts";
import { clientLimits, connectionsMax, serverLimits, userAgentNamed } from "../../../src/bindings/http/properties.ts";
import { OK } from "../../../src/core/status.ts";
import type { Http, HttpHeaders } from "../../../src/ports/http.ts";
import { IGNORED } from "../../../src/ports/service.ts";
import { testRuntime } from "../../kit/runtime.ts";
import { asked, asked1, mirror, served } from "./http-server-kit.ts";

const HEADER_LIST = "zilla.binding.http.max.header.list.size";
const SERVER = "zilla.binding.http.server.header";
const USER_AGENT = "zilla.binding.http.user.agent.header";

test("the size of a header list comes from the property: it is announced, and what is larger is refused", async (t) => {
  const { port } = await served(t, { next: mirror }, { properties: { [HEADER_LIST]: "2048" } });
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const [settings] = await once(session, "remoteSettings");
  assert.equal(settings.maxHeaderListSize, 2_048);
  assert.equal((await asked(t, port, { "x-a": "a".repeat(1_000) })).status, 200);
  const large = { "content-type": "application/grpc", "x-a": "a".repeat(2_100) };
  const { headers } = await asked(t, port, large);
  assert.deepEqual([headers["grpc-status"], headers["grpc-message"]], ["8", "the headers are larger than 2048 bytes"]);
  assert.equal((await asked1(port, { method: "GET", headers: { "x-a": "a".repeat(2_100) } })).status, 431);
});

const LIMITS = { streams: 9, headerListBytes: 4_096 };
for (const [what, text, own, expected] of [
  ["a number", "2048", HTTP_LIMITS, 2_048],
  ["the options of the binding", "2048", LIMITS, 4_096],
  ["nothing", undefined, HTTP_LIMITS, 16_384],
  ["0", "0", HTTP_LIMITS, 16_384],
  ["a word", "8k", HTTP_LIMITS, 16_384],
  ["an empty text", " ", HTTP_LIMITS, 16_384],
  ["more than 32 bits", "4294967296", HTTP_LIMITS, 16_384],
] as const)
  test(`${what} decides on the header list of servers and clients, and is said where it is wrong`, () => {
    const runtime = testRuntime({ properties: text === undefined ? {} : { [HEADER_LIST]: text } });
    assert.equal(serverLimits(own, runtime).headerListBytes, expected);
    assert.equal(clientLimits(own, runtime).headerListBytes, expected);
    const wrong = text !== undefined && text !== "2048";
    const said = runtime.lines.filter((line) => line.includes(`${HEADER_LIST} is no number from 1 to 4294967295; it has no effect`));
    assert.equal(said.length, wrong ? 2 : 0);
  });

test("streams and connections that are no numbers are said, too", () => {
  const names = ["zilla.binding.http.concurrent.streams", "zilla.binding.http.maximum.connections"];
  const runtime = testRuntime({ properties: Object.fromEntries(names.map((name) => [name, "many"])) });
  assert.equal(serverLimits(HTTP_LIMITS, runtime).streams, HTTP_LIMITS.streams);
  assert.equal(connectionsMax(10, runtime), 10);
  assert.deepEqual(
    names.map((name) => runtime.lines.filter((line) => line.includes(name)).length),
    [1, 1],
  );
});

test("responses, refusals and answers without a body name the server, unless they name one themselves", async (t) => {
  const own: Http = (_request, reply) => {
    setImmediate(() => reply.end(OK, { status: 200, headers: [["server", "its own"]] }));
    return IGNORED;
  };
  const properties = { [SERVER]: "Sluice" };
  const plain = await served(
    t,
    { next: mirror },
    { properties, routes: [{ exit: "next", when: [{ headers: [[":path", "/p"]] }], overrides: [] }] },
  );
  const answer = await asked(t, plain.port);
  assert.deepEqual([answer.status, answer.headers["server"], answer.body.includes("/p")], [200, "Sluice", true]);
  const refused = await asked(t, plain.port, { ":path": "/elsewhere" });
  assert.deepEqual([refused.status, refused.headers["server"]], [404, "Sluice"]);
  const { port } = await served(t, { next: own }, { properties });
  assert.equal((await asked(t, port)).headers["server"], "its own");
  const without = await served(t, { next: mirror });
  assert.equal((await asked(t, without.port)).headers["server"], undefined);
});

test("requests name who asks, unless they do so themselves; what no header may have is said", () => {
  const seen: HttpHeaders[] = [];
  const service: Http = ({ headers }) => {
    seen.push(headers);
    return IGNORED;
  };
  const request = {
    method: "POST",
    scheme: "http",
    authority: "a",
    path: "/",
    headers: [],
    peer: { address: "", port: 0, localAddress: "", localPort: 0 },
  };
  const reply = { headers: () => {}, write: () => true, end: () => {}, ready: () => {} };
  const named = userAgentNamed(testRuntime({ properties: { [USER_AGENT]: "sluice/1" } }), service);
  named(request, reply);
  named({ ...request, headers: [["user-agent", "grpc-go"]] }, reply);
  assert.deepEqual(seen, [[["user-agent", "sluice/1"]], [["user-agent", "grpc-go"]]]);
  assert.equal(userAgentNamed(testRuntime(), service), service);
  const runtime = testRuntime({ properties: { [USER_AGENT]: "two\nlines" } });
  assert.equal(userAgentNamed(runtime, service), service);
  assert.match(runtime.lines.join(""), /user\.agent\.header has characters that no header may have/);
});
