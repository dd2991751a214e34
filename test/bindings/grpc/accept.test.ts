// What a server makes of a request's head: a call, or a refusal that every client library can read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OK } from "../../../src/core/status.ts";
import type { Metadata } from "../../../src/ports/grpc.ts";
import type { HttpHeaders, HttpRequest } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { answering, body, Fake, HW, SERVICES, STD_HEADERS, scenarioRoute, servedTo, std } from "./parts.ts";

const replaced = (name: string, value: string): HttpHeaders => STD_HEADERS.map((header) => (header[0] === name ? [name, value] : header));
const without = (name: string): HttpHeaders => STD_HEADERS.filter(([other]) => other !== name);
const added = (...headers: HttpHeaders): HttpHeaders => [...STD_HEADERS, ...headers];

const refusals: readonly (readonly [claim: string, request: Partial<HttpRequest>, status: number, code: number, message: RegExp])[] = [
  ["GET", { method: "GET" }, 405, 13, /GET, but POST/],
  ["GET before everything else", { method: "GET", path: "/", headers: [] }, 405, 13, /GET, but POST/],
  ["an unknown service", { path: "/example.Other/EchoUnary" }, 200, 12, /'example\.Other\/EchoUnary' is not known/],
  ["an unknown method", { path: "/example.EchoService/Echo" }, 200, 12, /is not known/],
  ["a path without a method", { path: "/example.EchoService" }, 200, 12, /is not known/],
  ["a path with more", { path: "/example.EchoService/EchoUnary/x" }, 200, 12, /is not known/],
  ["a path with a query", { path: "/example.EchoService/EchoUnary?x" }, 200, 12, /is not known/],
  ["a path that is none", { path: "*" }, 200, 12, /is not known/],
  ["an unknown method before a wrong content type", { path: "/a/b", headers: [] }, 200, 12, /is not known/],
  ["no content type", { headers: without("content-type") }, 415, 13, /content-type is missing/],
  [
    "another content type",
    { headers: replaced("content-type", "application/grpc+json") },
    415,
    13,
    /"application\/grpc\+json" is not supported/,
  ],
  ["no te", { headers: without("te") }, 200, 10, /te: trailers/],
  ["another te", { headers: replaced("te", "gzip") }, 200, 10, /te: trailers/],
  ["a name that is none", { headers: added(["bad name", "x"]) }, 200, 13, /"bad name" has characters/],
  ["a name in upper case", { headers: added(["Custom2", "x"]) }, 200, 13, /"Custom2" has characters/],
  ["an empty name", { headers: added(["", "x"]) }, 200, 13, /"" has characters/],
  ["a value with a line break", { headers: added(["a", "x\r\nb: c"]) }, 200, 13, /value of the metadata 'a' has characters/],
  ["a value with a NUL", { headers: added(["a", "\0"]) }, 200, 13, /value of the metadata 'a'/],
  ["a binary value that is not base64", { headers: added(["a-bin", "a b"]) }, 200, 13, /'a-bin' is not base64/],
  ["a timeout that is none", { headers: added(["grpc-timeout", "2s"]) }, 200, 13, /grpc-timeout "2s"/],
  ["a timeout with nine digits", { headers: added(["grpc-timeout", "123456789m"]) }, 200, 13, /grpc-timeout "123456789m"/],
  ["two timeouts", { headers: added(["grpc-timeout", "1S"], ["grpc-timeout", "9H"]) }, 200, 13, /grpc-timeout "1S, 9H"/],
  [
    "metadata that no route takes",
    { headers: replaced("custom", "other") },
    200,
    12,
    /no route takes this call of 'example\.EchoService\/EchoUnary'/,
  ],
  ["absent metadata", { headers: without("custom") }, 200, 12, /no route/],
  ["an unknown encoding", { headers: added(["grpc-encoding", "snappy"]) }, 200, 12, /grpc-encoding "snappy" is not known/],
  ["a deadline that has passed", { headers: added(["grpc-timeout", "0m"]) }, 200, 4, /deadline had passed/],
];

for (const [claim, request, httpStatus, code, message] of refusals)
  test(`refused: ${claim}`, async () => {
    const fake = new Fake();
    const { http, wheel } = servedTo(fake.service);
    const { status, headers, replies, trailers } = await ask(http, std("EchoUnary", request), { requests: [body(HW)] });
    assert.deepEqual([status, headers, replies], [OK, undefined, []]);
    assert.equal(trailers?.status, httpStatus);
    const sent = new Map(trailers?.headers);
    assert.equal(sent.get("content-type"), "application/grpc");
    assert.equal(sent.get("grpc-status"), String(code));
    assert.match(decodeURIComponent(sent.get("grpc-message") ?? ""), message);
    assert.equal(sent.get("grpc-accept-encoding"), claim === "an unknown encoding" ? "identity,gzip,deflate" : undefined);
    assert.equal(fake.seen.length, 0);
    assert.equal(wheel.size, 0);
  });

test("a caller that leaves before it is refused hears nothing", async () => {
  const { http } = servedTo(new Fake().service);
  const { status } = await ask(http, std("Unknown"), { requests: [], open: true, leave: 0 });
  assert.ok(status.code === 0 || status.code === 1);
});

const accepted: readonly (readonly [claim: string, headers: HttpHeaders, metadata: Metadata])[] = [
  [
    "order and duplicates are kept",
    added(["b", "1"], ["a", "2"], ["b", "3"]),
    [
      ["custom", "test"],
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
  ],
  [
    "binary values stay the text that came",
    added(["x-bin", "AA"], ["y-bin", "-_8="], ["z-bin", "AA==, BB"], ["e-bin", ""]),
    [
      ["custom", "test"],
      ["x-bin", "AA"],
      ["y-bin", "-_8="],
      ["z-bin", "AA==, BB"],
      ["e-bin", ""],
    ],
  ],
  [
    "what is HTTP's or gRPC's own is left out",
    added(
      ["user-agent", "x"],
      ["grpc-timeout", "1S"],
      ["grpc-accept-encoding", "gzip"],
      ["grpc-encoding", "identity"],
      ["grpc-tags-bin", "AA"],
      ["grpc-unheard-of", "1"],
      ["content-length", "18"],
      ["service-name", "other.Service"],
      ["host", "h"],
    ),
    [["custom", "test"]],
  ],
  [
    "credentials and bytes above ASCII are kept",
    added(["authorization", "Bearer x"], ["cookie", "a=b"], ["umlaut", "\xe4"]),
    [
      ["custom", "test"],
      ["authorization", "Bearer x"],
      ["cookie", "a=b"],
      ["umlaut", "\xe4"],
    ],
  ],
  [
    "a name that JavaScript knows is a name",
    added(["__proto__", "x"], ["constructor", "y"]),
    [
      ["custom", "test"],
      ["__proto__", "x"],
      ["constructor", "y"],
    ],
  ],
];
for (const [claim, headers, metadata] of accepted)
  test(`metadata of a call: ${claim}`, async () => {
    const fake = new Fake({ halfClosed: answering([HW]) });
    const { trailers } = await ask(servedTo(fake.service).http, std("EchoUnary", { headers }), { requests: [body(HW)] });
    assert.deepEqual(trailers?.headers, [["grpc-status", "0"]]);
    assert.deepEqual(fake.only.call.metadata, metadata);
  });

test("a call carries what is known of its method, its peer and its deadline", async () => {
  const fake = new Fake({ halfClosed: answering([HW]) });
  const { http, clock } = servedTo(fake.service);
  await ask(http, std("EchoServerStream", { headers: added(["grpc-timeout", "1500u"]) }), { requests: [body(HW)] });
  const { descriptor, peer, deadlineMs } = fake.only.call;
  assert.deepEqual(descriptor, { requestStream: false, responseStream: true });
  assert.equal(peer?.port, 5);
  assert.equal(deadlineMs, clock.now() + 1.5);
});

test("a call without a timeout has no deadline, also after one that had", async () => {
  const fake = new Fake({ halfClosed: answering([HW]) });
  const { http } = servedTo(fake.service);
  await ask(http, std("EchoUnary", { headers: added(["grpc-timeout", "5S"]) }), { requests: [body(HW)] });
  await ask(http, std("EchoUnary"), { requests: [body(HW)] });
  assert.equal(fake.seen[1]?.call.deadlineMs, Number.POSITIVE_INFINITY);
});

for (const contentType of [
  "application/grpc+proto",
  "application/grpc;charset=utf-8",
  "Application/GRPC",
  "application/grpc-web",
  "application/grpc-web+proto",
])
  test(`the response has the request's content type: ${contentType}`, async () => {
    const fake = new Fake({ halfClosed: answering([HW]) });
    const { headers } = await ask(servedTo(fake.service).http, std("EchoUnary", { headers: replaced("content-type", contentType) }), {
      requests: [body(HW)],
    });
    assert.deepEqual(headers?.headers[0], ["content-type", contentType]);
  });

test("the first subject that knows a method wins, and several are searched", async () => {
  const fake = new Fake({ halfClosed: answering([HW]) });
  const other = new Map([["example.EchoService", new Map([["EchoUnary", { requestStream: true, responseStream: true }]])]]);
  const { http } = servedTo(fake.service, { services: [other, SERVICES] });
  await ask(http, std("EchoUnary"), { requests: [body(HW)] });
  await ask(http, std("EchoServerStream"), { requests: [body(HW)] });
  assert.deepEqual(
    fake.seen.map(({ call }) => call.descriptor?.requestStream),
    [true, false],
  );
});

test("the first route that takes a call has it", async () => {
  const first = new Fake({ halfClosed: answering([HW]) });
  const rest = new Fake({ halfClosed: answering([HW]) });
  const { http } = servedTo(first.service, { routes: [scenarioRoute(first.service), { to: rest.service, when: [] }] });
  await ask(http, std("EchoUnary"), { requests: [body(HW)] });
  await ask(http, std("EchoUnary", { headers: without("custom") }), { requests: [body(HW)] });
  assert.deepEqual([first.seen.length, rest.seen.length], [1, 1]);
});
