import assert from "node:assert/strict";
import { once } from "node:events";
import { bindTlsServer } from "../../../src/bindings/tls/server.ts";
import { ConfigError } from "../../../src/config/place.ts";
import type { Connection, ConnectionHandler } from "../../../src/ports/connection.ts";
import { testExits, testRuntime } from "../../kit/runtime.ts";
import { check, key, vaultOf } from "./tls-kit.ts";
import { called, certificateName, echo, refused, SERVER, secured, serverOf } from "./tls-server-kit.ts";

check("what was spoken is handed on: server name, protocol, and both ends", async (t) => {
  const accepted = Promise.withResolvers<Connection>();
  const { port } = await serverOf(t, { alpn: ["h2"] }, { exits: { next: accepted.resolve } });
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
    { exits: { next: echo }, vault: vaultOf(["two", "one", "caller"]) },
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
  const { port } = await serverOf(t, { signers: ["ca"] }, { exits: { next: echo }, vault });
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
  const { port } = await serverOf(t, { keys: ["ONE"] }, { exits: { next: echo } });
  assert.equal(certificateName(await secured(t, port)), "one");
});

check("the first of the caller's protocols that is configured is agreed on; none is an alert and an event", async (t) => {
  const { port, runtime } = await serverOf(t, { alpn: ["http/1.1", "h2"] }, { exits: { next: echo } });
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
    { exits: { h2: named("h2"), one: named("one") }, vault: vaultOf(["one", "two"]) },
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
  const { port } = await serverOf(t, { routes }, { exits: { a: named("a"), b: named("b"), c: named("c") } });
  await secured(t, port, { servername: "two.example", checkServerIdentity: () => undefined });
  await secured(t, port);
  while (taken.length < 2) await new Promise(setImmediate);
  assert.deepEqual(taken, ["a", "c"]);
});

check("other keys in the vault are shown to the next caller, with and without a server name", async (t) => {
  const vault = vaultOf(["one"]);
  const { keys: _, ...rest } = SERVER;
  const runtime = testRuntime({ vaults: { v: vault } });
  assert.ok(rest && runtime);
  const { port } = await serverOf(t, { keys: ["one"] }, { exits: { next: echo }, vault });
  assert.equal(certificateName(await secured(t, port)), "one");
  vault.held = { ...vault.held, keys: [{ ...key("two"), alias: "one" }] };
  const lax = { checkServerIdentity: () => undefined };
  assert.equal(certificateName(await secured(t, port, lax)), "two");
  assert.equal(certificateName(await secured(t, port, { ...lax, servername: "" })), "two");
  vault.held = { ...vault.held, keys: [key("two")] }; // The alias is gone: what was known stands.
  assert.equal(certificateName(await secured(t, port, lax)), "two");
});
