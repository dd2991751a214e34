import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import type { TcpCondition, TcpServerConfig } from "../../../src/bindings/tcp/config.ts";
import { type End, endMatcher } from "../../../src/bindings/tcp/route.ts";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { fail } from "../../../src/core/status.ts";
import type { Connection, ConnectionHandler } from "../../../src/ports/connection.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

const SERVER: TcpServerConfig = {
  namespace: "test",
  name: "south",
  place: NOWHERE,
  host: "127.0.0.1",
  ports: [{ from: 0, to: 0 }],
  routes: [{ exit: "next", when: [] }],
};

const serverOf = async (t: TestContext, given: Partial<TcpServerConfig> & TestParts, exits: Record<string, ConnectionHandler>) => {
  const runtime = testRuntime(given);
  const ports = Object.fromEntries(Object.entries(exits).map(([name, connection]) => [name, { connection }]));
  const server = bindTcpServer({ ...SERVER, ...given }, testExits(ports), runtime);
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
  const { port, runtime } = await serverOf(t, { properties: { "zilla.engine.worker.capacity": "1" } }, { next: echo });
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

const matches = (condition: Partial<TcpCondition>, end: End): boolean => endMatcher([{ ports: [], ...condition }])(end);

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
    assert.equal(matches(condition, { addresses, port, names }), expected, JSON.stringify({ condition, addresses, port, names }));
});

/** What a process among several is given; and what it has told of its ports. */
const sharing = (first: boolean, chosen?: number) => {
  const told: (readonly [number, number])[] = [];
  return { told, listening: { first, chosen: () => chosen, listens: (at: number, port: number) => void told.push([at, port]) } };
};

const sharedServer = async (t: TestContext, { listening }: Pick<ReturnType<typeof sharing>, "listening">, port = 0) => {
  const config = { ...SERVER, ports: [{ from: port, to: port }] };
  const server = bindTcpServer(config, testExits({ next: { connection: echo } }), { ...testRuntime(), listening });
  t.after(() => server.close?.());
  await server.start?.();
  return server.addresses()[0]!.port;
};

test("several processes listen on one port, and on the same one where the file says 0", {
  skip: process.platform !== "linux",
}, async (t) => {
  const first = sharing(true);
  const port = await sharedServer(t, first);
  assert.deepEqual(first.told, [[0, port]]);
  assert.equal(await sharedServer(t, sharing(false, port)), port);
  assert.equal(await sharedServer(t, sharing(false), port), port);
});

test("the first of several processes does not share a port that is in use", { skip: process.platform !== "linux" }, async (t) => {
  const port = await sharedServer(t, sharing(true));
  await assert.rejects(
    sharedServer(t, sharing(true), port),
    (reason) => reason instanceof ConfigError && /the port is in use/.test(reason.message),
  );
});
