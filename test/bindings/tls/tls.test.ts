import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer as createListener } from "node:net";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import { bindTlsClient } from "../../../src/bindings/tls/client.ts";
import type { TlsClientConfig, TlsServerConfig } from "../../../src/bindings/tls/config.ts";
import { bindTlsServer } from "../../../src/bindings/tls/server.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { Code, fail, StatusError } from "../../../src/core/status.ts";
import type { Connection, ConnectionHandler } from "../../../src/ports/connection.ts";
import type { Vault, VaultCertificate, VaultKey } from "../../../src/resources/vault.ts";
import { makeAuthority, makeCertificate, temporaryFolder } from "../../kit/certificates.ts";
import { ManualClock } from "../../kit/clock.ts";
import { needs } from "../../kit/needs.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

const folder = temporaryFolder();
const wanted = needs("openssl");

before(() => {
  if (wanted.skip) return;
  makeAuthority(folder, "ca");
  makeAuthority(folder, "other-ca");
  makeCertificate(folder, "one", { authority: "ca", names: "DNS:one.example,DNS:localhost,IP:127.0.0.1" });
  makeCertificate(folder, "two", { authority: "ca", names: "DNS:two.example" });
  makeCertificate(folder, "caller", { authority: "ca", names: "DNS:caller.example" });
  makeCertificate(folder, "stranger", { authority: "other-ca", names: "DNS:stranger.example" });
});

const pem = (name: string): string => readFileSync(join(folder, name), "utf8");
const key = (name: string): VaultKey => ({ alias: name, keyPem: pem(`${name}.key`), chainPem: pem(`${name}.crt`) });
const authority = (name: string): VaultCertificate => ({ alias: name, certificatePem: pem(`${name}.crt`) });

/** What it holds may be exchanged. */
interface TestVault extends Vault {
  held: { keys: readonly VaultKey[]; trust: readonly VaultCertificate[]; signers: readonly VaultCertificate[] };
}
const vaultOf = (keys: readonly string[], trust: readonly string[] = [], signers: readonly string[] = []): TestVault => {
  const vault: TestVault = {
    held: { keys: keys.map(key), trust: trust.map(authority), signers: signers.map(authority) },
    keys: () => vault.held.keys,
    trust: () => vault.held.trust,
    signers: () => vault.held.signers,
    file: (store) => `${store}.p12`,
  };
  return vault;
};

const check = (name: string, show: (t: TestContext) => Promise<void>): void => {
  test(name, { ...wanted, timeout: 20_000 }, show);
};

// The server.

const SERVER: TlsServerConfig = {
  namespace: "test",
  name: "south",
  place: NOWHERE,
  vault: "v",
  keys: ["one"],
  routes: [{ exit: "next", when: [] }],
};

const serverOf = async (
  t: TestContext,
  config: Partial<TlsServerConfig>,
  exits: Readonly<Record<string, ConnectionHandler>>,
  { vault = vaultOf(["one"]), ...parts }: { readonly vault?: Vault } & TestParts = {},
) => {
  const runtime = testRuntime({ ...parts, vaults: { v: vault } });
  const ports = Object.fromEntries(Object.entries(exits).map(([name, connection]) => [name, { connection }]));
  const tls = bindTlsServer({ ...SERVER, ...config }, testExits(ports), runtime);
  await tls.start?.();
  const tcp = bindTcpServer(
    { namespace: "test", name: "tcp", place: NOWHERE, host: "127.0.0.1", ports: [{ from: 0, to: 0 }], routes: [{ exit: "tls", when: [] }] },
    testExits({ tls: tls.ports }),
    runtime,
  );
  await tcp.start?.();
  t.after(async () => {
    await tls.close?.();
    await tcp.close?.();
  });
  return { port: tcp.addresses()[0]!.port, runtime };
};

const echo: ConnectionHandler = ({ socket }) => {
  socket.on("error", () => {});
  socket.pipe(socket);
};

const called = (t: TestContext, port: number, options: ConnectionOptions = {}): TLSSocket => {
  const socket = connectTls({ port, host: "127.0.0.1", ca: pem("ca.crt"), servername: "one.example", ...options });
  t.after(() => socket.destroy());
  return socket;
};

const secured = async (t: TestContext, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = called(t, port, options);
  await once(socket, "secureConnect");
  return socket;
};

const certificateName = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject["CN"]);

/** Of a connection that the other side does not let stand. */
const refused = async (socket: TLSSocket): Promise<string> => {
  let code = "";
  socket.on("error", (reason: NodeJS.ErrnoException) => {
    code = reason.code ?? reason.message;
  });
  socket.resume();
  if (!socket.destroyed) await new Promise<void>((done) => socket.once("close", () => done()));
  return code;
};

check("what was spoken is handed on: server name, protocol, and both ends", async (t) => {
  const accepted = Promise.withResolvers<Connection>();
  const { port } = await serverOf(t, { alpn: ["h2"] }, { next: accepted.resolve });
  const socket = await secured(t, port, { ALPNProtocols: ["http/1.1", "h2"] });
  const { peer, socket: inner } = await accepted.promise;
  assert.deepEqual(peer, {
    address: "127.0.0.1",
    port: socket.localPort,
    localAddress: "127.0.0.1",
    localPort: port,
    tls: { alpn: "h2", sni: "one.example", authorized: false },
  });
  inner.write("hello");
  assert.equal(String((await once(socket, "data"))[0]), "hello");
});

check("of several keys the one for the name that is asked for is shown, else the first; no name is refused", async (t) => {
  const { port } = await serverOf(
    t,
    { keys: ["one", "two"], sni: ["one.example"] },
    { next: echo },
    { vault: vaultOf(["two", "one", "caller"]) },
  );
  assert.equal(certificateName(await secured(t, port)), "one");
  assert.equal(certificateName(await secured(t, port, { servername: "two.example" })), "two");
  const other = await secured(t, port, { servername: "unheard.example", checkServerIdentity: () => undefined });
  assert.equal(certificateName(other), "one");
  other.write("x");
  await once(other, "data");
  const { servername: _, ...silent } = { servername: "", checkServerIdentity: () => undefined };
  assert.equal(certificateName(await secured(t, port, { ...silent, servername: "" })), "one");
});

check("keys may be chosen by who signed them", async (t) => {
  const vault = vaultOf(["stranger", "one"], [], ["ca"]);
  const { keys: _, ...config } = SERVER;
  const runtime = testRuntime({ vaults: { v: vault } });
  const tls = bindTlsServer({ ...config, signers: ["ca"] }, testExits({ next: { connection: echo } }), runtime);
  await tls.start?.();
  const none = bindTlsServer(
    { ...config, signers: ["ca"] },
    testExits({ next: { connection: echo } }),
    testRuntime({ vaults: { v: vaultOf(["stranger"], [], ["ca"]) } }),
  );
  await assert.rejects(none.start!(), /no key in 'keys.p12' was issued by one of the signers ca/);
  const { port } = await serverOf(t, { signers: ["ca"] }, { next: echo }, { vault });
  assert.equal(certificateName(await secured(t, port)), "one");
});

check("an alias that the vault does not have fails the start, with alias, file and the nearest name", async () => {
  for (const [config, message] of [
    [{ keys: ["onr"] }, "found 'onr' in 'keys', but 'keys.p12' has no such entry; did you mean 'one'? allowed: one"],
    [{ trust: ["cb"] }, "found 'cb' in 'trust', but 'trust.p12' has no such entry; did you mean 'ca'? allowed: ca"],
    [{ version: "TLSv1.1" }, "found version 'TLSv1.1', but TLSv1.2, TLSv1.3 or TLS is needed"],
  ] as const) {
    const tls = bindTlsServer(
      { ...SERVER, ...config },
      testExits({ next: { connection: echo } }),
      testRuntime({ vaults: { v: vaultOf(["one"], ["ca"]) } }),
    );
    await assert.rejects(tls.start!(), (reason) => {
      assert.ok(reason instanceof ConfigError);
      assert.equal(reason.message, message);
      return true;
    });
  }
});

check("aliases mean the same in either case", async (t) => {
  const { port } = await serverOf(t, { keys: ["ONE"] }, { next: echo });
  assert.equal(certificateName(await secured(t, port)), "one");
});

check("the first of the caller's protocols that is configured is agreed on; none is an alert and an event", async (t) => {
  const { port, runtime } = await serverOf(t, { alpn: ["http/1.1", "h2"] }, { next: echo });
  assert.equal((await secured(t, port, { ALPNProtocols: ["h2", "http/1.1"] })).alpnProtocol, "h2");
  assert.equal((await secured(t, port)).alpnProtocol, false);
  assert.match(await refused(called(t, port, { ALPNProtocols: ["spdy/1"] })), /NO_APPLICATION_PROTOCOL/);
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.tls.protocol.rejected"],
  );
});

check("without the option, a protocol is agreed on when some route takes it", async (t) => {
  const routes = [
    { exit: "h2", when: [{ alpn: "h2", ports: [] }] },
    { exit: "one", when: [{ authority: "two.*", alpn: "http/*", ports: [] }] },
  ];
  const taken: string[] = [];
  const named =
    (name: string): ConnectionHandler =>
    (connection) => {
      taken.push(name);
      echo(connection);
    };
  const { port } = await serverOf(
    t,
    { keys: ["one", "two"], routes },
    { h2: named("h2"), one: named("one") },
    { vault: vaultOf(["one", "two"]) },
  );
  assert.equal((await secured(t, port, { ALPNProtocols: ["http/1.1", "h2"] })).alpnProtocol, "h2");
  assert.equal((await secured(t, port, { servername: "two.example", ALPNProtocols: ["http/1.1", "h2"] })).alpnProtocol, "http/1.1");
  assert.match(await refused(called(t, port, { ALPNProtocols: ["http/1.1"] })), /NO_APPLICATION_PROTOCOL/);
  await refused(await secured(t, port)); // No protocol: no route takes it.
  assert.deepEqual(taken, ["h2", "one"]);
});

check("routes look at the server name and the local port", async (t) => {
  const taken: string[] = [];
  const named =
    (name: string): ConnectionHandler =>
    (connection) => {
      taken.push(name);
      echo(connection);
    };
  const routes = [
    { exit: "a", when: [{ authority: "two.example", ports: [] }] },
    { exit: "b", when: [{ ports: [{ from: 1, to: 1 }] }] },
    { exit: "c", when: [{ ports: [{ from: 1024, to: 65_535 }] }] },
  ];
  const { port } = await serverOf(t, { routes }, { a: named("a"), b: named("b"), c: named("c") });
  await secured(t, port, { servername: "two.example", checkServerIdentity: () => undefined });
  await secured(t, port);
  while (taken.length < 2) await new Promise(setImmediate);
  assert.deepEqual(taken, ["a", "c"]);
});

check("mutual required: a verified certificate passes; none, and a stranger's, do not, and are events", async (t) => {
  const accepted: Connection[] = [];
  const handler: ConnectionHandler = (connection) => {
    accepted.push(connection);
    echo(connection);
  };
  const { port, runtime } = await serverOf(t, { trust: ["ca"] }, { next: handler }, { vault: vaultOf(["one"], ["ca"]) });
  const good = await secured(t, port, { key: pem("caller.key"), cert: pem("caller.crt") });
  good.write("x");
  await once(good, "data");
  assert.equal(accepted[0]?.peer.tls?.authorized, true);
  assert.match(await refused(called(t, port)), /CERTIFICATE_REQUIRED/);
  await refused(called(t, port, { key: pem("stranger.key"), cert: pem("stranger.crt") }));
  assert.equal(accepted.length, 1);
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.tls.peer.not.verified", "binding.tls.peer.not.verified"],
  );
});

check("mutual requested: none passes unauthorized, a stranger's does not pass", async (t) => {
  const accepted: Connection[] = [];
  const handler: ConnectionHandler = (connection) => {
    accepted.push(connection);
    echo(connection);
  };
  const { port, runtime } = await serverOf(
    t,
    { trust: ["ca"], mutual: "requested" },
    { next: handler },
    { vault: vaultOf(["one"], ["ca"]) },
  );
  const good = await secured(t, port);
  good.write("x");
  await once(good, "data");
  await refused(called(t, port, { key: pem("stranger.key"), cert: pem("stranger.crt") }));
  assert.deepEqual(
    accepted.map(({ peer }) => peer.tls?.authorized),
    [false],
  );
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.tls.peer.not.verified"],
  );
});

check("routes may ask for a certificate and for who issued it", async (t) => {
  const taken: string[] = [];
  const named =
    (name: string): ConnectionHandler =>
    (connection) => {
      taken.push(name);
      echo(connection);
    };
  const routes = [
    { exit: "other", when: [{ ports: [], trust: ["other-ca"] }] },
    { exit: "ours", when: [{ ports: [], mutual: "required" as const }] },
    { exit: "open", when: [{ ports: [], mutual: "none" as const }] },
  ];
  const config = { trust: ["ca", "other-ca"], mutual: "requested" as const, routes };
  const { port } = await serverOf(
    t,
    config,
    { other: named("other"), ours: named("ours"), open: named("open") },
    { vault: vaultOf(["one"], ["ca", "other-ca"]) },
  );
  for (const options of [
    { key: pem("stranger.key"), cert: pem("stranger.crt") },
    { key: pem("caller.key"), cert: pem("caller.crt") },
    {},
  ]) {
    const socket = await secured(t, port, options);
    socket.write("x");
    await once(socket, "data");
  }
  assert.deepEqual(taken, ["other", "ours", "open"]);
});

check("the version is the newest that is spoken", async (t) => {
  const { port } = await serverOf(t, { version: "TLSv1.2" }, { next: echo });
  assert.equal((await secured(t, port)).getProtocol(), "TLSv1.2");
  assert.match(await refused(called(t, port, { minVersion: "TLSv1.3" })), /PROTOCOL_VERSION/);
});

check("other keys in the vault are shown to the next caller, with and without a server name", async (t) => {
  const vault = vaultOf(["one"]);
  const { keys: _, ...rest } = SERVER;
  const runtime = testRuntime({ vaults: { v: vault } });
  assert.ok(rest && runtime);
  const { port } = await serverOf(t, { keys: ["one"] }, { next: echo }, { vault });
  assert.equal(certificateName(await secured(t, port)), "one");
  vault.held = { ...vault.held, keys: [{ ...key("two"), alias: "one" }] };
  const lax = { checkServerIdentity: () => undefined };
  assert.equal(certificateName(await secured(t, port, lax)), "two");
  assert.equal(certificateName(await secured(t, port, { ...lax, servername: "" })), "two");
  vault.held = { ...vault.held, keys: [key("two")] }; // The alias is gone: what was known stands.
  assert.equal(certificateName(await secured(t, port, lax)), "two");
});

check("a caller that says nothing, or no TLS, is closed, with an event; a probe that only connects is none", async (t) => {
  const { port, runtime } = await serverOf(t, {}, { next: echo }, { properties: { "zilla.binding.tls.handshake.timeout": "PT1S" } });
  const probe = connectTcp(port, "127.0.0.1");
  await once(probe, "connect");
  probe.destroy();
  const plain = connectTcp(port, "127.0.0.1");
  plain.on("error", () => {});
  plain.write("GET / HTTP/1.1\r\n\r\n");
  await new Promise((done) => plain.resume().once("close", done));
  const silent = connectTcp(port, "127.0.0.1");
  await new Promise((done) => silent.resume().once("close", done));
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.tls.protocol.rejected", "binding.tls.handshake.timeout"],
  );
});

check("a handler that throws closes that connection and no other", async (t) => {
  let calls = 0;
  const { port } = await serverOf(
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
  await refused(await secured(t, port));
  const second = await secured(t, port);
  second.write("x");
  await once(second, "data");
});

// The client.

const CLIENT: TlsClientConfig = { namespace: "test", name: "north", place: NOWHERE, routes: [{ exit: "tcp", when: [] }] };

interface Foreign {
  readonly port: number;
  /** The nth that was accepted. */
  socket(n: number): Promise<TLSSocket>;
}

const foreign = async (t: TestContext, options: TlsOptions = {}): Promise<Foreign> => {
  const sockets: TLSSocket[] = [];
  const server = createTlsServer({ key: pem("one.key"), cert: pem("one.crt"), ...options }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    socket.pipe(socket);
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const socket = async (n: number): Promise<TLSSocket> => {
    while (sockets.length <= n) await once(server, "secureConnection");
    return sockets[n]!;
  };
  return { port: (server.address() as AddressInfo).port, socket }; // Listening on tcp.
};

const clientOf = (config: Partial<TlsClientConfig>, vault: Vault | null = vaultOf([], ["ca"]), parts: TestParts = {}) => {
  const runtime = testRuntime({ ...parts, ...(vault && { vaults: { v: vault } }) });
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: NOWHERE }, runtime);
  const given = vault ? { vault: "v" } : {};
  const bound = bindTlsClient({ ...CLIENT, ...given, ...config }, testExits({ tcp: tcp.ports }), runtime);
  return { bound, runtime, connector: bound.ports.connector! };
};

const connected = (client: ReturnType<typeof clientOf>, port: number, host = "localhost", alpn?: readonly string[]): Promise<Connection> =>
  new Promise((opened, failed) => {
    client.connector.connect({ host, port, ...(alpn && { alpn }) }, opened, failed);
  });

check("a connection is verified against the vault's authorities and by its name, and speaks", async (t) => {
  const { port, socket: accepted } = await foreign(t, { ALPNProtocols: ["h2"] });
  const { socket, peer } = await connected(clientOf({ trust: ["ca"] }), port, "localhost", ["h2"]);
  t.after(() => socket.destroy());
  assert.deepEqual(peer.tls, { alpn: "h2", sni: "localhost", authorized: true });
  assert.equal(peer.port, port);
  socket.write("hello");
  assert.equal(String((await once(socket, "data"))[0]), "hello");
  assert.equal((await accepted(0)).servername, "localhost");
});

check("an address is verified as one, and no server name is sent", async (t) => {
  const { port, socket: accepted } = await foreign(t);
  const { socket } = await connected(clientOf({ trust: ["ca"] }), port, "127.0.0.1");
  t.after(() => socket.destroy());
  assert.equal((await accepted(0)).servername, false);
});

check("a vault without options is trusted whole", async (t) => {
  const { port } = await foreign(t);
  (await connected(clientOf({}), port)).socket.destroy();
});

check("an unknown authority, another name, and no vault are refused with the reason, and are events", async (t) => {
  const { port } = await foreign(t);
  for (const [client, host, why] of [
    [clientOf({ trust: ["other-ca"] }, vaultOf([], ["other-ca"])), "localhost", /the certificate is not accepted \(unable to /],
    [clientOf({}, null), "localhost", /the certificate is not accepted \(unable to /],
    [clientOf({ sni: ["three.example"] }), "localhost", /the certificate is not accepted \(Hostname\/IP does not match/],
  ] as const) {
    await assert.rejects(connected(client, port, host), (reason) => {
      assert.ok(reason instanceof StatusError);
      assert.equal(reason.status.code, Code.UNAVAILABLE);
      assert.match(reason.status.message, /^cannot connect to (localhost|three\.example):\d+: /);
      assert.match(reason.status.message, why);
      return true;
    });
    assert.deepEqual(
      client.runtime.heard.map(({ event }) => event),
      ["binding.tls.peer.not.verified"],
    );
  }
});

check("the configured server name is asked for and verified", async (t) => {
  const { port, socket: accepted } = await foreign(t);
  const { socket } = await connected(clientOf({ sni: ["one.example"] }), port, "127.0.0.1");
  t.after(() => socket.destroy());
  assert.equal((await accepted(0)).servername, "one.example");
});

check("own keys are shown where the server asks, by alias or by subject", async (t) => {
  const { port, socket: accepted } = await foreign(t, { requestCert: true, rejectUnauthorized: true, ca: pem("ca.crt") });
  const vault = vaultOf(["two", "caller"], ["ca"]);
  let count = 0;
  for (const [config, name] of [
    [{ keys: ["caller"], trust: ["ca"] }, "caller"],
    [{ trust: ["ca"], routes: [{ exit: "tcp", when: [], certificate: { commonName: "two" } }] }, "two"],
    [{ trust: ["ca"], routes: [{ exit: "tcp", when: [], certificate: { distinguishedName: "CN=caller, O=Test" } }] }, "caller"],
    [{}, "two"],
  ] as const) {
    const { socket } = await connected(clientOf(config, vault), port);
    socket.write("x");
    await once(socket, "data");
    assert.equal(certificateName(await accepted(count++)), name);
    socket.destroy();
  }
});

check("a subject or alias that is not there fails the start", async () => {
  const routes = [{ exit: "tcp", when: [], certificate: { commonName: "nobody" } }];
  await assert.rejects(
    clientOf({ routes }, vaultOf(["caller"])).bound.start!(),
    /no key in 'keys.p12' has a certificate with the subject CN=nobody/,
  );
  await assert.rejects(
    clientOf({ keys: ["x"] }, vaultOf(["caller"])).bound.start!(),
    /found 'x' in 'keys', but 'keys.p12' has no such entry/,
  );
});

check("a server that never answers is given up after the handshake timeout, and closed", async (t) => {
  const clock = new ManualClock();
  const listener = createListener().listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  const client = clientOf({}, null, { clock });
  const accepted = once(listener, "connection");
  const failed = connected(client, port).then(
    () => "opened",
    (reason: unknown) => String(reason),
  );
  const [socket] = await accepted;
  await once(socket, "data"); // The greeting: the handshake runs.
  clock.advance(10_000);
  assert.match(await failed, /TLS failed \(no answer for 10000 ms\)/);
  await new Promise((done) => socket.resume().once("close", done));
  assert.deepEqual(
    client.runtime.heard.map(({ event }) => event),
    ["binding.tls.handshake.timeout"],
  );
});

check("a server that speaks no TLS, or hangs up, is UNAVAILABLE", async (t) => {
  for (const answer of ["HTTP/1.1 400 Bad Request\r\n\r\n", ""]) {
    const listener = createListener((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    t.after(() => listener.close());
    const { port } = listener.address() as AddressInfo; // Listening on tcp.
    await assert.rejects(connected(clientOf({}), port), /cannot connect to localhost:\d+: TLS failed/);
  }
});

check("closing before it settles abandons the handshake", async (t) => {
  const listener = createListener().listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  const called: string[] = [];
  const attempt = clientOf({}).connector.connect(
    { host: "127.0.0.1", port },
    () => called.push("opened"),
    () => called.push("failed"),
  );
  const [socket] = await once(listener, "connection");
  await once(socket, "data");
  attempt.close();
  await new Promise((done) => socket.resume().once("close", done));
  assert.deepEqual(called, []);
});

check("routes choose by the host that is asked for; none refuses", async (t) => {
  const { port } = await foreign(t);
  const client = clientOf({ routes: [{ exit: "tcp", when: [{ authority: "local*", ports: [] }] }] });
  (await connected(client, port)).socket.destroy();
  await assert.rejects(connected(client, port, "127.0.0.1"), /tls 'north' has no route to 127\.0\.0\.1/);
});

check("what a kafka client needs to dial by itself is what node:tls takes", async (t) => {
  const { port } = await foreign(t, { requestCert: true, rejectUnauthorized: true, ca: pem("ca.crt") });
  const { dial } = clientOf({ keys: ["caller"], trust: ["ca"] }, vaultOf(["caller"], ["ca"])).connector;
  assert.equal(dial.allows("localhost", port), true);
  const socket = connectTls({ host: "localhost", port, ...dial.tls!() });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  assert.equal(socket.authorized, true);
});
