// Whatever bytes and headers come: nothing is thrown, a call ends at most once, and always with a status.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { echoGrpc } from "../../../src/bindings/echo/server.ts";
import { OK, type Status } from "../../../src/core/status.ts";
import type { HttpHeaders, HttpResponse } from "../../../src/ports/http.ts";
import { strict } from "../../kit/strict.ts";
import { body, STD_HEADERS, servedTo, std } from "./parts.ts";
import { callOf, clientOf, FakeServer } from "./servers.ts";

const flagged = (message: Uint8Array): Buffer => {
  const whole = body(gzipSync(message));
  whole[0] = 1;
  return whole;
};

/** Mostly right, a little wrong. */
const damaged = fc
  .record({
    messages: fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 50 })), { maxLength: 5 }),
    flips: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }),
    length: fc.nat(400),
    size: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ messages, flips, length, size }) => {
    const bytes = Buffer.concat(messages.map(([compressed, message]) => (compressed ? flagged(message) : body(message)))).subarray(
      0,
      length,
    );
    for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
  });

const header = fc.tuple(
  fc.oneof(
    fc.constantFrom("grpc-timeout", "grpc-encoding", "content-type", "te", "a-bin", "b", "grpc-status", "grpc-message"),
    fc.string({ maxLength: 5 }),
  ),
  fc.oneof(
    fc.constantFrom("gzip", "deflate", "1S", "application/grpc", "application/grpc-web-text", "trailers", "0", "%E2%98"),
    fc.string({ maxLength: 8 }),
  ),
);
const headers: fc.Arbitrary<HttpHeaders> = fc.array(header, { maxLength: 4 });
const turn = (): Promise<void> => new Promise(setImmediate);

test("a server ends any request once, with a status", async () => {
  await fc.assert(
    fc.asyncProperty(damaged, headers, fc.constantFrom("EchoUnary", "EchoStream", "None"), async (chunks, more, method) => {
      const ends: (readonly [Status, HttpResponse | undefined])[] = [];
      const written: Uint8Array[] = [];
      const { http } = servedTo(strict(echoGrpc));
      const requests = strict(http)(
        std(method, { headers: [...STD_HEADERS.slice(1), ["grpc-encoding", "gzip"], ...more, STD_HEADERS[0]!] }),
        {
          headers() {},
          write: (batch) => written.push(...batch) >= 0,
          end: (status, trailers) => void ends.push([status, trailers]),
          ready() {},
        },
      );
      for (const chunk of chunks) requests.write([chunk]);
      requests.end();
      await turn();
      assert.equal(ends.length, 1);
      assert.deepEqual(ends[0]?.[0], OK);
      const inTrailers = ends[0]?.[1]?.headers.some(([name]) => name === "grpc-status") ?? false;
      const bodies = written.flatMap((chunk) => [chunk, Buffer.from(Buffer.from(chunk).toString("latin1"), "base64")]);
      assert.ok(inTrailers || Buffer.concat(bodies).includes("grpc-status"));
    }),
    { numRuns: 400 },
  );
});

test("a client ends any response once, with a status", async () => {
  await fc.assert(
    fc.asyncProperty(damaged, headers, headers, async (chunks, initial, trailing) => {
      const server = new FakeServer({
        halfClosed: (to, seen) => {
          to.headers({ status: 200, headers: [["grpc-encoding", "gzip"], ...initial] });
          for (const chunk of chunks) if (!seen.cancelled) to.write([chunk]);
          if (!seen.cancelled) to.end(OK, { headers: trailing });
        },
      });
      let ended = 0;
      const requests = strict(clientOf(server.http).grpc)(callOf("EchoUnary"), {
        headers() {},
        write: () => true,
        end: ({ code }) => {
          assert.ok(Number.isInteger(code));
          ended += 1;
        },
        ready() {},
      });
      requests.end();
      await turn();
      await turn();
      assert.equal(ended, 1);
    }),
    { numRuns: 400 },
  );
});
