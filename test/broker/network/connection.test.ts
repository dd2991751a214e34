// Connections of the broker: order, what is refused, and what is bounded.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import * as limits from "../../../src/broker/network/limits.ts";
import { WireError } from "../../../src/kafka/wire/reader.ts";
import { handler, OTHER, PRODUCE, request, serve } from "./kit.ts";

const text = (value: string): Buffer => Buffer.from(value);
const echo = handler(OTHER, async (body) => [body]);

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}
const gate = (): Gate => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

/** Lets everything that is under way on sockets come to rest: a round trip of another connection. */
const settle = async (client: { write(bytes: Uint8Array): void; answer(): Promise<unknown> }): Promise<void> => {
  client.write(request(99, text("settle")));
  await client.answer();
};

describe("requests of one connection", () => {
  test("are answered in their order, one at a time", async (context) => {
    const first = gate();
    const begun: string[] = [];
    const slow = handler(OTHER, async (body) => {
      begun.push(String(body));
      if (begun.length === 1) await first.opened;
      return [body];
    });
    const served = await serve(context, [slow, handler(2, async (body) => [body])]);
    const client = await served.client();
    client.write(Buffer.concat([request(1, text("a")), request(2, text("b")), request(3, text("c"))]));
    const other = await served.client();
    other.write(request(99, text("x"), { key: 2 }));
    await other.answer();
    assert.deepEqual(begun, ["a"]);
    first.open();
    for (const correlation of [1, 2, 3]) assert.equal((await client.answer()).correlation, correlation);
    assert.deepEqual(begun, ["a", "b", "c"]);
  });

  test("a Produce begins before the Produce ahead of it has ended, and is answered behind it", async (context) => {
    const [first, second] = [gate(), gate()];
    const produce = handler(PRODUCE, async (body) => {
      if (String(body) === "a") {
        await second.opened;
        await first.opened;
      } else second.open();
      return [body];
    });
    const client = await (await serve(context, [produce])).client();
    client.write(Buffer.concat([request(1, text("a"), { key: PRODUCE }), request(2, text("b"), { key: PRODUCE })]));
    await second.opened;
    first.open();
    assert.equal((await client.answer()).correlation, 1);
    assert.equal((await client.answer()).correlation, 2);
  });

  test("may come a byte at a time", async (context) => {
    const client = await (await serve(context, [echo])).client();
    for (const byte of request(7, text("slowly"))) client.write(Uint8Array.of(byte));
    assert.deepEqual(await client.answer(), { correlation: 7, body: text("slowly") });
  });

  test("one that wants no answer gets none", async (context) => {
    const client = await (await serve(context, [echo, handler(PRODUCE, async () => null)])).client();
    client.write(Buffer.concat([request(1, text("x"), { key: PRODUCE }), request(2, text("y"))]));
    assert.equal((await client.answer()).correlation, 2);
  });
});

describe("what is wrong ends its own connection, with one line", () => {
  const bad = {
    "a length that is too large": Buffer.from([0x7f, 0xff, 0xff, 0xff]),
    "a negative length": Buffer.from([0xff, 0xff, 0xff, 0xff]),
    "a header that is cut off": Buffer.from([0, 0, 0, 3, 0, 3, 0]),
    "an API that is not known": request(1, text(""), { key: 999 }),
    "a version that is not known": request(1, text(""), { version: 9 }),
  };
  for (const [name, bytes] of Object.entries(bad)) {
    test(name, async (context) => {
      const served = await serve(context, [echo]);
      const [client, other] = [await served.client(), await served.client()];
      client.write(bytes);
      client.socket.resume();
      await client.closed;
      assert.equal(served.complaints.length, 1);
      await settle(other);
    });
  }

  test("a malformed body, and a bug of a handler", async (context) => {
    for (const reason of [new WireError("cut off"), new BrokerError("INVALID_REQUEST")]) {
      const served = await serve(context, [handler(OTHER, () => Promise.reject(reason))]);
      const client = await served.client();
      client.write(request(1, text("")));
      client.socket.resume();
      await client.closed;
      assert.equal(served.complaints.length, 1);
    }
  });

  test("whoever must authenticate first and does not", async (context) => {
    const served = await serve(context, [echo], "first");
    const client = await served.client();
    client.write(request(1, text("x")));
    client.socket.resume();
    await client.closed;
    assert.match(served.complaints[0] ?? "", /before it authenticated/);
  });
});

describe("time", () => {
  test("a request that does not end is given up, others are not", async (context) => {
    const served = await serve(context, [echo]);
    const [client, other] = [await served.client(), await served.client()];
    client.write(request(1, text("never whole")).subarray(0, 10));
    client.socket.resume();
    await settle(other);
    while (served.clock.armed === 0) await settle(other);
    served.clock.advance(limits.REQUEST_MS_MAX - 1);
    await settle(other);
    assert.equal(client.socket.destroyed, false);
    served.clock.advance(2);
    await client.closed;
    assert.match(served.complaints[0] ?? "", /did not end in time/);
  });

  test("whoever does not authenticate in time is closed", async (context) => {
    const served = await serve(context, [echo], "first");
    const client = await served.client();
    client.socket.resume();
    while (served.clock.armed === 0) await new Promise(setImmediate);
    served.clock.advance(limits.AUTHENTICATION_MS_MAX);
    await client.closed;
  });
});

describe("what one client may hold", () => {
  test("who does not read its answers has no further request begun", async (context) => {
    let begun = 0;
    const large = handler(2, async () => {
      begun++;
      return [Buffer.alloc(1024 * 1024)];
    });
    const served = await serve(context, [echo, large]);
    const [client, other] = [await served.client(), await served.client()];
    client.write(Buffer.concat(Array.from({ length: 40 }, (_, at) => request(at, text(""), { key: 2 }))));
    await settle(other);
    await settle(other);
    const beforeReading = begun;
    assert.ok(beforeReading < 40, `${beforeReading} were begun`);
    for (let at = 0; at < 40; at++) assert.equal((await client.answer()).correlation, at);
    assert.equal(begun, 40);
  });

  test("who asks without end is read only so far, until it is answered", async (context) => {
    const first = gate();
    const held = handler(2, async () => first.opened.then(() => [text("")]));
    const served = await serve(context, [echo, held]);
    const [client, other] = [await served.client(), await served.client()];
    const count = 60;
    const one = request(1, Buffer.alloc(1_000_000), { key: 2 });
    for (let at = 0; at < count; at++) client.write(one);
    for (let rounds = 0; rounds < 20; rounds++) await settle(other);
    assert.ok(client.socket.writableLength > 20_000_000, `${client.socket.writableLength} bytes are left`);
    first.open();
    for (let at = 0; at < count; at++) await client.answer();
    assert.equal(client.socket.writableLength, 0);
  });
});

describe("the end", () => {
  test("an answer that is under way is given before the listener has closed, and whoever waits hears of it", async (context) => {
    const [heard, begun] = [gate(), gate()];
    const waiting = handler(OTHER, async (body, { client }) => {
      client.onClosed(heard.open);
      begun.open();
      await heard.opened;
      return [body];
    });
    const served = await serve(context, [waiting]);
    const client = await served.client();
    client.write(request(5, text("last")));
    await begun.opened;
    const closed = served.listener.close();
    assert.deepEqual(await client.answer(), { correlation: 5, body: text("last") });
    await closed;
  });

  test("a client that goes is heard of", async (context) => {
    const heard = gate();
    const begun = gate();
    const waiting = handler(OTHER, async (_, { client }) => {
      client.onClosed(heard.open);
      begun.open();
      await heard.opened;
      return null;
    });
    const client = await (await serve(context, [waiting])).client();
    client.write(request(1, text("")));
    await begun.opened;
    client.socket.destroy();
    await heard.opened;
  });
});
