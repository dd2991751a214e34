// The small texts of the protocol: timeouts, status messages, statuses, content types, base64 bodies.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formFor } from "../../../src/bindings/grpc/form.ts";
import { statusOf, statusOfHttp, trailersOf } from "../../../src/bindings/grpc/trailers.ts";
import { Base64Body, toBase64, trailersFrame } from "../../../src/bindings/grpc/web.ts";
import { Code, OK, StatusError } from "../../../src/core/status.ts";
import { formatTimeout, parseTimeoutMs } from "../../../src/exchange/timeout.ts";

const timeouts: readonly (readonly [text: string, ms: number | undefined])[] = [
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["2S", 2000],
  ["100m", 100],
  ["1500u", 1.5],
  ["99999999n", 99.999999],
  ["0m", 0],
  ["00000001S", 1000],
  ["", undefined],
  ["S", undefined],
  ["10", undefined],
  ["10s", undefined],
  ["-1S", undefined],
  ["1.5S", undefined],
  [" 1S", undefined],
  ["1S ", undefined],
  ["1S, 9H", undefined],
  ["123456789m", undefined],
  ["1_0S", undefined],
];
for (const [text, ms] of timeouts)
  test(`the timeout ${JSON.stringify(text)} is ${ms === undefined ? "none" : `${ms} ms`}`, () =>
    assert.ok(Object.is(parseTimeoutMs(text), ms)));

const remaining: readonly (readonly [ms: number, text: string])[] = [
  [0.0001, "1u"],
  [0.5, "500u"],
  [1, "1m"],
  [1999.2, "2000m"],
  [99_999_999, "99999999m"],
  [100_000_000, "100000S"],
  [1e12, "16666667M"],
  [1e15, "99999999H"],
];
for (const [ms, text] of remaining) test(`${ms} ms are written ${text}`, () => assert.equal(formatTimeout(ms), text));

test("a timeout that is written is never shorter than what it stands for, nor much longer", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e13, noNaN: true }), (ms) => {
      const read = parseTimeoutMs(formatTimeout(ms)) ?? 0;
      assert.ok(read >= ms - 1e-9 * ms && read <= ms * 1.001 + 1, `${ms} became ${read}`);
    }),
  );
});

test("a status becomes trailers: number, message if there is one, metadata", () => {
  assert.deepEqual(trailersOf(OK, []).headers, [["grpc-status", "0"]]);
  assert.deepEqual(trailersOf({ code: 9, message: "Custom Error Message" }, [["a", "b"]]).headers, [
    ["grpc-status", "9"],
    ["grpc-message", "Custom Error Message"],
    ["a", "b"],
  ]);
  assert.deepEqual(trailersOf({ code: 10, message: "" }, []).headers, [["grpc-status", "10"]]);
  assert.deepEqual(trailersOf({ code: 99, message: "" }, []).headers, [["grpc-status", "99"]]);
  assert.deepEqual(trailersOf({ code: Number.NaN, message: "" }, []).headers, [["grpc-status", "2"]]);
});

test("trailers become a status, unknown when the number is none", () => {
  assert.deepEqual(
    statusOf([
      ["grpc-status", "9"],
      ["grpc-message", "a%20b"],
    ]),
    { code: 9, message: "a b" },
  );
  assert.equal(statusOf([["grpc-message", "x"]]), undefined);
  assert.equal(statusOf([["grpc-status", "-1"]])?.code, Code.UNKNOWN);
  assert.equal(statusOf([["grpc-status", ""]])?.code, Code.UNKNOWN);
});

for (const [http, name] of [
  [400, "INTERNAL"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "UNIMPLEMENTED"],
  [429, "UNAVAILABLE"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "UNAVAILABLE"],
  [302, "UNKNOWN"],
  [500, "UNKNOWN"],
] as const)
  test(`HTTP ${http} without a gRPC status is ${name}`, () => assert.equal(statusOfHttp(http).code, Code[name]));

const contentTypes: readonly (readonly [contentType: string | undefined, web: "none" | "binary" | "text" | undefined])[] = [
  ["application/grpc", "none"],
  ["application/grpc+proto", "none"],
  ["Application/GRPC", "none"],
  ["application/grpc;charset=utf-8", "none"],
  ["application/grpc+proto ; a=b", "none"],
  ["application/grpc-web", "binary"],
  ["application/grpc-web+proto", "binary"],
  ["application/grpc-web-text", "text"],
  ["application/grpc-web-text+proto", "text"],
  ["application/grpc+json", undefined],
  ["application/grpcx", undefined],
  ["application/json", undefined],
  ["", undefined],
  [undefined, undefined],
];
for (const [contentType, web] of contentTypes)
  test(`the content type ${contentType} is ${web ?? "not gRPC"}`, () => {
    const form = formFor(contentType);
    assert.equal(form?.web, web);
    if (form) assert.deepEqual(form.headers[0], ["content-type", contentType]);
  });

test("the trailers of gRPC-Web are a frame of the body, with names in lower case", () => {
  const ok = Buffer.from(trailersFrame([["grpc-status", "0"]]));
  assert.deepEqual(ok, Buffer.concat([Buffer.from("8000000010", "hex"), Buffer.from("grpc-status: 0\r\n")]));
  const failed = Buffer.from(trailersFrame(trailersOf({ code: 9, message: "Custom Error Message" }, []).headers));
  assert.deepEqual(
    failed,
    Buffer.concat([Buffer.from("8000000034", "hex"), Buffer.from("grpc-status: 9\r\ngrpc-message: Custom Error Message\r\n")]),
  );
});

test("a base64 body whose parts are padded each is decoded wherever it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (parts, places) => {
        const text = Buffer.concat(parts.flatMap((part) => toBase64([part])));
        const ordered = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...ordered].map((from, index) => text.subarray(from, ordered[index] ?? text.length));
        const body = new Base64Body();
        const decoded = Buffer.concat(chunks.map((chunk) => body.decode(chunk)));
        body.end();
        assert.deepEqual(decoded, Buffer.concat(parts));
      },
    ),
  );
});

for (const text of ["A", "AAAAA", "A===", "=AAA", "====", "AA=A", "A*AA", "AAA\n"])
  test(`${JSON.stringify(text)} is no base64 body`, () => {
    const body = new Base64Body();
    assert.throws(
      () => {
        body.decode(Buffer.from(text));
        body.end();
      },
      (reason) => reason instanceof StatusError && reason.status.code === Code.INTERNAL,
    );
  });
