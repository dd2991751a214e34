// gRPC-Web: the status is in the body, and the body may be base64.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, fail } from "../../../src/core/status.ts";
import type { HttpHeaders } from "../../../src/ports/http.ts";
import { ask } from "../../kit/ask.ts";
import { answering, body, type Doing, Fake, HW, HW1, HW2, servedTo, std } from "./parts.ts";

const typed = (contentType: string): HttpHeaders => [
  ["content-type", contentType],
  ["custom", "test"],
];

const trailersFrame = (text: string): Buffer => {
  const whole = body(Buffer.from(text));
  whole[0] = 0x80;
  return whole;
};
const webAnswers: readonly (readonly [claim: string, method: string, doing: Doing, expected: Buffer])[] = [
  [
    "an answer",
    "EchoUnary",
    { halfClosed: answering([HW], { trailers: [["x", "y"]] }) },
    Buffer.concat([body(HW), trailersFrame("grpc-status: 0\r\nx: y\r\n")]),
  ],
  [
    "an error",
    "EchoUnary",
    { halfClosed: answering([], { status: { code: 9, message: "Custom Error Message" } }) },
    trailersFrame("grpc-status: 9\r\ngrpc-message: Custom Error Message\r\n"),
  ],
  ["a refusal by the service", "EchoUnary", { refuses: fail("ABORTED", "") }, trailersFrame("grpc-status: 10\r\n")],
  [
    "an unknown method",
    "Other",
    {},
    trailersFrame("grpc-status: 12\r\ngrpc-message: the method 'example.EchoService/Other' is not known\r\n"),
  ],
];
for (const [claim, method, doing, expected] of webAnswers)
  for (const slow of [false, true])
    test(`gRPC-Web needs no te, and has its status in the body: ${claim}${slow ? ", to a slow reader" : ""}`, async () => {
      const { http } = servedTo(new Fake(doing).service);
      const answer = await ask(http, std(method, { headers: typed("application/grpc-web") }), { requests: [body(HW)], slow });
      assert.deepEqual(answer.headers?.headers[0], ["content-type", "application/grpc-web"]);
      assert.deepEqual(Buffer.concat(answer.replies), expected);
      assert.equal(answer.trailers, undefined);
    });

test("gRPC-Web as text is the same in base64, each write padded by itself", async () => {
  const fake = new Fake({ halfClosed: answering([HW1, HW2]) });
  const requests = [Buffer.from(body(HW).subarray(0, 4).toString("base64")), Buffer.from(body(HW).subarray(4).toString("base64"))];
  const { replies, headers } = await ask(
    servedTo(fake.service).http,
    std("EchoServerStream", { headers: typed("application/grpc-web-text") }),
    { requests },
  );
  assert.deepEqual(headers?.headers[0], ["content-type", "application/grpc-web-text"]);
  assert.deepEqual(fake.only.messages, [HW]);
  const decoded = replies.map((chunk) => Buffer.from(Buffer.from(chunk).toString(), "base64"));
  assert.deepEqual(decoded, [body(HW1), body(HW2), trailersFrame("grpc-status: 0\r\n")]);
});

test("a text body that ends inside a quantum is refused", async () => {
  const fake = new Fake();
  const { replies } = await ask(servedTo(fake.service).http, std("EchoUnary", { headers: typed("application/grpc-web-text") }), {
    requests: [Buffer.from(`${body(HW, HW).toString("base64").slice(0, 24)}A`)],
  });
  assert.match(Buffer.from(Buffer.concat(replies).toString(), "base64").toString(), /grpc-status: 13/);
  assert.equal(fake.cancelCode, Code.INTERNAL);
});
