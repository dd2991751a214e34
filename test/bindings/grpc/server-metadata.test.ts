// Metadata on its way from a service to its caller.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metadata } from "../../../src/ports/grpc.ts";
import type { HttpHeaders } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { answering, body, Fake, HW, servedTo, std } from "./parts.ts";

const outwards: readonly (readonly [claim: string, metadata: Metadata, headers: HttpHeaders, dropped: number])[] = [
  [
    "order and duplicates",
    [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
    [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
    0,
  ],
  ["upper case", [["Custom", "x"]], [["custom", "x"]], 0],
  [
    "illegal names",
    [
      ["zilla:reply-to", "x"],
      ["", "x"],
      [":status", "200"],
      ["a b", "x"],
    ],
    [],
    4,
  ],
  [
    "control characters",
    [
      ["a", "x\r\ny"],
      ["b", "\0"],
      ["c", "ok"],
    ],
    [["c", "ok"]],
    2,
  ],
  ["characters beyond a byte", [["a", "\u010a"]], [], 1],
  ["spaces around a value", [["a", " x\t"]], [["a", "x"]], 0],
  [
    "reserved names",
    [
      ["content-type", "text/html"],
      ["te", "x"],
      ["connection", "close"],
      ["grpc-status", "0"],
      ["grpc-encoding", "gzip"],
      ["content-length", "3"],
      ["transfer-encoding", "chunked"],
    ],
    [],
    7,
  ],
  [
    "gRPC's own that are the application's",
    [
      ["grpc-status-details-bin", "CAU="],
      ["grpc-retry-pushback-ms", "5"],
    ],
    [
      ["grpc-status-details-bin", "CAU="],
      ["grpc-retry-pushback-ms", "5"],
    ],
    0,
  ],
  [
    "binary values",
    [
      ["a-bin", "-_8"],
      ["b-bin", "AA==,BB"],
      ["c-bin", "no base64"],
    ],
    [
      ["a-bin", "+/8"],
      ["b-bin", "AA=="],
      ["b-bin", "BB"],
    ],
    1,
  ],
];
for (const [claim, metadata, headers, dropped] of outwards)
  test(`metadata on its way out is made legal or left out: ${claim}`, async () => {
    const fake = new Fake({ halfClosed: answering([HW], { headers: metadata, trailers: metadata }) });
    const { http, lines } = servedTo(fake.service);
    const answer = await ask(http, std("EchoUnary"), { requests: [body(HW)] });
    assert.deepEqual(answer.headers?.headers.slice(3), headers);
    assert.deepEqual(answer.trailers?.headers.slice(1), headers);
    assert.equal(lines.length, 2 * dropped);
  });

test("custom trailers go with an answer that is nothing else", async () => {
  const fake = new Fake({
    halfClosed: answering([], { status: { code: 3, message: "é" }, trailers: [["grpc-status-details-bin", "CAM="]] }),
  });
  const { trailers } = await ask(servedTo(fake.service).http, std("EchoUnary"), { requests: [body(HW)] });
  assert.deepEqual(trailers?.headers, [
    ["content-type", "application/grpc"],
    ["grpc-status", "3"],
    ["grpc-message", "%C3%A9"],
    ["grpc-status-details-bin", "CAM="],
  ]);
});
