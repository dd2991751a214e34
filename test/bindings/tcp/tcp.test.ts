import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import type { TcpClientConfig, TcpCondition, TcpServerConfig } from "../../../src/bindings/tcp/config.ts";
import { endMatcher } from "../../../src/bindings/tcp/route.ts";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { Code, fail, StatusError } from "../../../src/core/status.ts";
import type { Connection, ConnectionHandler } from "../../../src/ports/connection.ts";
import { ManualClock } from "../../kit/clock.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

const SERVER: TcpServerConfig = {
  namespace: "test",
  name: "south",
  place: NOWHERE,
  host: "127.0.0.1",
  ports: [{ from: 0, to: 0 }],
  routes: [{ exit: "next", when: [] }],
};
const CLIENT: TcpClientConfig = { namespace: "test", name: "north", place: NOWHERE };

const serverOf = async (t: TestContext, config: Partial<TcpServerConfig>, exits: Record<string, ConnectionHandler>, parts?: TestParts) => {
  const runtime = testRuntime(parts);
  const ports = Object.fromEntries(Object.entries(exits).map(([name, connection]) => [name, { connection }]));
  const server = bindTcpServer({ ...SERVER, ...config }, testExits(ports), runtime);
  await server.start?.();
  t.after(() => server.close?.());
  return { server, runtime, port: server.addresses()[0]!.port };
};

const dialled = (t: TestContext, port: number): Socket => {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  return socket;
};

const echo: ConnectionHandler = ({ socket }) => {
  socket.on("error", () => {});
  socket.pipe(socket);
};

test("an accepted connection is handed on with both its ends, without delay", async (t) => {
  const accepted = Promise.withResolvers<Connection>();
  const { port, runtime } = await serverOf(t, {}, { next: accepted.resolve });
  const socket = dialled(t, port);
  const { peer } = await accepted.promise;
  assert.deepEqual(peer, { address: "127.0.0.1", port: socket.localPort, localAddress: "127.0.0.1", localPort: port });
  assert.equal(runtime.count("sluice.tcp.connections"), 1);
  socket.destroy();
  await once((await accepted.promise).socket.resume(), "close");
  assert.equal(runtime.count("sluice.tcp.connections"), 0);
});

test("every port of every range is a listener", async (t) => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const free = (probe.address() as AddressInfo).port; // Listening on tcp.
  probe.close();
  await once(probe, "close");
  const { server } = await serverOf(
    t,
    {
      ports: [
        { from: free, to: free },
        { from: 0, to: 0 },
        { from: 0, to: 0 },
      ],
    },
    { next: echo },
  );
  const ports = server.addresses().map(({ port }) => port);
  assert.equal(new Set(ports).size, 3);
  assert.equal(ports[0], free);
  for (const port of ports) {
    const socket = dialled(t, port);
    socket.write("hello");
    assert.equal(String((await once(socket, "data"))[0]), "hello");
  }
});

test("a port in use fails the start with address, port and reason, and leaves nothing listening", async (t) => {
  const { port } = await serverOf(t, {}, { next: echo });
  const second = bindTcpServer(
    {
      ...SERVER,
      ports: [
        { from: 0, to: 0 },
        { from: port, to: port },
      ],
    },
    testExits({ next: { connection: echo } }),
    testRuntime(),
  );
  await assert.rejects(second.start!(), (reason) => {
    assert.ok(reason instanceof ConfigError);
    assert.equal(reason.message, `cannot listen on 127.0.0.1:${port}: the port is in use (EADDRINUSE)`);
    return true;
  });
  assert.deepEqual(second.addresses(), []);
});

test("an address that the machine does not have fails the start and is named", async () => {
  const server = bindTcpServer({ ...SERVER, host: "192.0.2.1" }, testExits({ next: { connection: echo } }), testRuntime());
  await assert.rejects(server.start!(), /cannot listen on 192\.0\.2\.1:0: this machine does not have that address/);
});

test("a connection over the capacity is closed at once and counted; one below it is served", async (t) => {
  const { port, runtime } = await serverOf(t, {}, { next: echo }, { properties: { "zilla.engine.worker.capacity": "1" } });
  const first = dialled(t, port);
  first.write("a");
  await once(first, "data");
  await once(dialled(t, port).resume(), "close");
  assert.equal(runtime.count("sluice.tcp.connections.refused"), 1);
  first.write("b");
  assert.equal(String((await once(first, "data"))[0]), "b");
});

test("a connection that no route takes is closed and counted", async (t) => {
  const when = [{ ports: [{ from: 1, to: 1 }] }];
  const { port, runtime } = await serverOf(t, { routes: [{ exit: "next", when }] }, { next: echo });
  await once(dialled(t, port).resume(), "close");
  assert.equal(runtime.count("sluice.tcp.connections.refused"), 1);
});

test("the first route that matches the local name, address or port takes the connection", async (t) => {
  const taken = Promise.withResolvers<string>();
  const routes = [
    { exit: "wrong", when: [{ ports: [{ from: 1, to: 2 }] }, { ports: [], cidr: "10.0.0.0/8" }, { ports: [], authority: "nobody.*" }] },
    { exit: "right", when: [{ ports: [], cidr: "127.0.0.0/8", authority: "localhost*" }] },
    { exit: "wrong", when: [] },
  ];
  const { port } = await serverOf(t, { routes }, { wrong: () => taken.resolve("wrong"), right: () => taken.resolve("right") });
  dialled(t, port);
  assert.equal(await taken.promise, "right");
});

test("a handler that throws closes that connection and no other", async (t) => {
  let calls = 0;
  const { port, runtime } = await serverOf(
    t,
    {},
    {
      next: (connection) => {
        calls += 1;
        if (calls === 1) throw fail("UNAVAILABLE", "not now");
        echo(connection);
      },
    },
  );
  await once(dialled(t, port).resume(), "close");
  const second = dialled(t, port);
  second.write("x");
  await once(second, "data");
  assert.equal(runtime.count("sluice.tcp.connections.refused"), 1);
});

test("drain stops accepting and leaves the connections in hand alone", async (t) => {
  const { server, port } = await serverOf(t, {}, { next: echo });
  const socket = dialled(t, port);
  socket.write("a");
  await once(socket, "data");
  await server.drain!(0);
  const late = dialled(t, port);
  const [reason] = (await once(late, "error")) as [NodeJS.ErrnoException]; // Node's own error.
  assert.equal(reason.code, "ECONNREFUSED");
  socket.write("b");
  assert.equal(String((await once(socket, "data"))[0]), "b");
});

const matches = (condition: Partial<TcpCondition>, addresses: readonly string[], port = 80, names: readonly string[] = []): boolean =>
  endMatcher([{ ports: [], ...condition }])({ addresses, port, names });

test("conditions compare ports, networks and names", () => {
  for (const [condition, addresses, port, names, expected] of [
    [{ ports: [{ from: 80, to: 90 }] }, ["1.2.3.4"], 90, [], true],
    [{ ports: [{ from: 80, to: 90 }] }, ["1.2.3.4"], 91, [], false],
    [{ cidr: "10.1.0.0/16" }, ["10.1.255.255"], 1, [], true],
    [{ cidr: "10.1.0.0/16" }, ["10.2.0.0"], 1, [], false],
    [{ cidr: "10.1.0.0/16" }, ["::ffff:10.1.0.1"], 1, [], true],
    [{ cidr: "10.1.0.9" }, ["10.1.0.9"], 1, [], true],
    [{ cidr: "fd00::/8" }, ["fd12::1%eth0"], 1, [], true],
    [{ cidr: "fd00::/8" }, ["10.1.0.1"], 1, [], false],
    [{ cidr: "0.0.0.0/0" }, ["::1"], 1, [], false],
    [{ authority: "*.example.com" }, ["1.2.3.4"], 1, ["a.EXAMPLE.com"], true],
    [{ authority: "*.example.com" }, ["1.2.3.4"], 1, ["a.example.org", "axexample.com"], false],
    [{ authority: "1.2.3.*" }, ["1.2.3.4"], 1, [], true],
    [{ cidr: "10.0.0.0/8", ports: [{ from: 1, to: 1 }] }, ["10.0.0.1"], 2, [], false],
  ] as const)
    assert.equal(matches(condition, addresses, port, names), expected, JSON.stringify({ condition, addresses, port, names }));
});

// The client.

const connected = (config: Partial<TcpClientConfig>, host: string, port: number, runtime = testRuntime()): Promise<Connection> =>
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
  const connection = await connected({}, "localhost", port);
  assert.equal(connection.peer.port, port);
  await used(connection);
});

test("options without routes always go to the fixed destination; with routes only a stream that names none does", async (t) => {
  const port = await listening(t);
  await used(await connected({ host: "127.0.0.1", port }, "nowhere.invalid", 1));
  await used(await connected({ host: "127.0.0.1", port, when: ALL }, "", 0));
  const other = await listening(t);
  const connection = await connected({ host: "127.0.0.1", port, when: ALL }, "localhost", other);
  assert.equal(connection.peer.port, other);
  await used(connection);
});

test("a destination that no route allows is refused; the fixed host is always allowed", async (t) => {
  const port = await listening(t);
  const when = [{ ports: [], cidr: "10.0.0.0/8" }];
  await assert.rejects(
    connected({ host: "localhost", port, when }, "127.0.0.1", port),
    /not among the destinations that tcp 'north' allows/,
  );
  await used(await connected({ host: "localhost", port, when }, "localhost", port));
  await used(await connected({ host: "127.0.0.1", port, when: [{ ports: [], authority: "local*" }] }, "localhost", port));
});

test("every address of a name is tried until one answers", async (t) => {
  const port = await listening(t, "127.0.0.1"); // localhost may be ::1 first.
  await used(await connected({}, "localhost", port));
});

test("a refused connection is UNAVAILABLE and names the address", async (t) => {
  const port = await listening(t);
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const closed = (gone.address() as AddressInfo).port; // Listening on tcp.
  gone.close();
  await once(gone, "close");
  await assert.rejects(connected({}, "127.0.0.1", closed), (reason) => {
    assert.ok(reason instanceof StatusError);
    assert.equal(reason.status.code, Code.UNAVAILABLE);
    assert.equal(reason.status.message, `cannot connect to 127.0.0.1:${closed}: ECONNREFUSED`);
    return true;
  });
  assert.notEqual(port, closed);
});

test("a name that cannot be resolved is UNAVAILABLE and an event", async () => {
  const runtime = testRuntime();
  await assert.rejects(connected({}, "nowhere.invalid", 80, runtime), /cannot connect to nowhere\.invalid:80: the name cannot be resolved/);
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
  await used(await connected({}, "127.0.0.1", port));
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
