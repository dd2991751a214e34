import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createListener } from "node:net";
import { connect as connectTls } from "node:tls";
import { Code, StatusError } from "../../../src/core/status.ts";
import { ManualClock } from "../../kit/clock.ts";
import { clientOf, connected, foreign } from "./tls-client-kit.ts";
import { check, pem, vaultOf } from "./tls-kit.ts";
import { certificateName } from "./tls-server-kit.ts";

check("a connection is verified against the vault's authorities and by its name, and speaks", async (t) => {
  const { port, socket: accepted } = await foreign(t, { ALPNProtocols: ["h2"] });
  const { socket, peer } = await connected(clientOf({ trust: ["ca"] }), port, { host: "localhost", alpn: ["h2"] });
  t.after(() => socket.destroy());
  assert.deepEqual(peer.tls, { alpn: "h2", sni: "localhost", authorized: true });
  assert.equal(peer.port, port);
  socket.write("hello");
  assert.equal(String((await once(socket, "data"))[0]), "hello");
  assert.equal((await accepted(0)).servername, "localhost");
});

check("an address is verified as one, and no server name is sent", async (t) => {
  const { port, socket: accepted } = await foreign(t);
  const { socket } = await connected(clientOf({ trust: ["ca"] }), port, { host: "127.0.0.1" });
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
    await assert.rejects(connected(client, port, { host: host }), (reason) => {
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
  const { socket } = await connected(clientOf({ sni: ["one.example"] }), port, { host: "127.0.0.1" });
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
  await assert.rejects(connected(client, port, { host: "127.0.0.1" }), /tls 'north' has no route to 127\.0\.0\.1/);
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
