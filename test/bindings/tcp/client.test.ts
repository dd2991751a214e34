import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import type { TcpClientConfig, TcpCondition } from "../../../src/bindings/tcp/config.ts";
import { Code, StatusError } from "../../../src/core/status.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { ManualClock } from "../../kit/clock.ts";
import { NOWHERE, testRuntime } from "../../kit/runtime.ts";

const CLIENT: TcpClientConfig = { namespace: "test", name: "north", place: NOWHERE };

const connected = (
  config: Partial<TcpClientConfig>,
  [host, port]: readonly [host: string, port: number],
  runtime = testRuntime(),
): Promise<Connection> =>
  new Promise((opened, failed) => {
    bindTcpClient({ ...CLIENT, ...config }, runtime).ports.connector!.connect({ host, port }, opened, failed);
  });

const listening = async (t: TestContext, host = "127.0.0.1"): Promise<number> => {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, host);
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port; // Listening on tcp.
};

const used = async ({ socket }: Connection): Promise<void> => {
  socket.write("hello");
  assert.equal(String((await once(socket, "data"))[0]), "hello");
  socket.destroy();
};

const ALL: readonly TcpCondition[] = [{ ports: [], cidr: "0.0.0.0/0" }];

test("without options the destination is the stream's", async (t) => {
  const port = await listening(t);
  const connection = await connected({}, ["localhost", port]);
  assert.equal(connection.peer.port, port);
  await used(connection);
});

test("options without routes always go to the fixed destination; with routes only a stream that names none does", async (t) => {
  const port = await listening(t);
  await used(await connected({ host: "127.0.0.1", port }, ["nowhere.invalid", 1]));
  await used(await connected({ host: "127.0.0.1", port, when: ALL }, ["", 0]));
  const other = await listening(t);
  const connection = await connected({ host: "127.0.0.1", port, when: ALL }, ["localhost", other]);
  assert.equal(connection.peer.port, other);
  await used(connection);
});

test("a destination that no route allows is refused; the fixed host is always allowed", async (t) => {
  const port = await listening(t);
  const when = [{ ports: [], cidr: "10.0.0.0/8" }];
  await assert.rejects(
    connected({ host: "localhost", port, when }, ["127.0.0.1", port]),
    /not among the destinations that tcp 'north' allows/,
  );
  await used(await connected({ host: "localhost", port, when }, ["localhost", port]));
  await used(await connected({ host: "127.0.0.1", port, when: [{ ports: [], authority: "local*" }] }, ["localhost", port]));
});

test("every address of a name is tried until one answers", async (t) => {
  const port = await listening(t, "127.0.0.1"); // localhost may be ::1 first.
  await used(await connected({}, ["localhost", port]));
});

test("a refused connection is UNAVAILABLE and names the address", async (t) => {
  const port = await listening(t);
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const closed = (gone.address() as AddressInfo).port; // Listening on tcp.
  gone.close();
  await once(gone, "close");
  await assert.rejects(connected({}, ["127.0.0.1", closed]), (reason) => {
    assert.ok(reason instanceof StatusError);
    assert.equal(reason.status.code, Code.UNAVAILABLE);
    assert.equal(reason.status.message, `cannot connect to 127.0.0.1:${closed}: ECONNREFUSED`);
    return true;
  });
  assert.notEqual(port, closed);
});

test("a name that cannot be resolved is UNAVAILABLE and an event", async () => {
  const runtime = testRuntime();
  await assert.rejects(
    connected({}, ["nowhere.invalid", 80], runtime),
    /cannot connect to nowhere\.invalid:80: the name cannot be resolved/,
  );
  assert.deepEqual(
    runtime.heard.map(({ namespace, name, event }) => `${namespace}:${name} ${event}`),
    ["test:north binding.tcp.dns.failed"],
  );
});

test("what is not connected after the connect timeout is given up", async () => {
  const clock = new ManualClock();
  const failed = Promise.withResolvers<unknown>();
  const { connector } = bindTcpClient(CLIENT, testRuntime({ clock })).ports;
  connector!.connect({ host: "localhost", port: 9 }, () => failed.resolve("opened"), failed.resolve);
  clock.advance(10_000); // In the turn of the call, so that not even the look-up is back.
  const reason = await failed.promise;
  assert.ok(reason instanceof StatusError);
  assert.match(reason.message, /cannot connect to localhost:9: the name is not resolved after 10000 ms/);
  assert.equal(clock.armed, 0);
});

test("closing before it settles abandons the attempt: nothing is called", async (t) => {
  const port = await listening(t);
  const called: string[] = [];
  const { connector } = bindTcpClient(CLIENT, testRuntime()).ports;
  const attempt = connector!.connect(
    { host: "127.0.0.1", port },
    () => called.push("opened"),
    () => called.push("failed"),
  );
  attempt.close();
  await used(await connected({}, ["127.0.0.1", port]));
  assert.deepEqual(called, []);
});

test("what a kafka client needs to dial by itself says the same", () => {
  const dial = bindTcpClient({ ...CLIENT, host: "k", port: 9092, when: ALL }, testRuntime()).ports.connector!.dial;
  assert.deepEqual([dial.host, dial.port], ["k", 9092]);
  assert.equal(dial.allows("broker-1.example", 9092), true);
  assert.equal(dial.allows("10.1.2.3", 1), true);
  const narrow = bindTcpClient({ ...CLIENT, host: "k", when: [{ ports: [], cidr: "10.0.0.0/8" }] }, testRuntime()).ports.connector!.dial;
  assert.deepEqual(
    [narrow.allows("10.1.2.3", 1), narrow.allows("11.1.2.3", 1), narrow.allows("b", 1), narrow.allows("k", 1)],
    [true, false, false, true],
  );
});
