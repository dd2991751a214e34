// Whom a tls server lets in.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { fail } from "../../../src/core/status.ts";
import type { Connection, ConnectionHandler } from "../../../src/ports/connection.ts";
import { check, pem, vaultOf } from "./tls-kit.ts";
import { called, echo, refused, secured, serverOf } from "./tls-server-kit.ts";

check("mutual required: a verified certificate passes; none, and a stranger's, do not, and are events", async (t) => {
  const accepted: Connection[] = [];
  const handler: ConnectionHandler = (connection) => {
    accepted.push(connection);
    echo(connection);
  };
  const { port, runtime } = await serverOf(t, { trust: ["ca"] }, { exits: { next: handler }, vault: vaultOf(["one"], ["ca"]) });
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
    { exits: { next: handler }, vault: vaultOf(["one"], ["ca"]) },
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
  const { port } = await serverOf(t, config, {
    exits: { other: named("other"), ours: named("ours"), open: named("open") },
    vault: vaultOf(["one"], ["ca", "other-ca"]),
  });
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
  const { port } = await serverOf(t, { version: "TLSv1.2" }, { exits: { next: echo } });
  assert.equal((await secured(t, port)).getProtocol(), "TLSv1.2");
  assert.match(await refused(called(t, port, { minVersion: "TLSv1.3" })), /PROTOCOL_VERSION/);
});

check("a caller that says nothing, or no TLS, is closed, with an event; a probe that only connects is none", async (t) => {
  const { port, runtime } = await serverOf(t, {}, { exits: { next: echo }, properties: { "zilla.binding.tls.handshake.timeout": "PT1S" } });
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
      exits: {
        next: (connection) => {
          calls += 1;
          if (calls === 1) throw fail("UNAVAILABLE", "not now");
          echo(connection);
        },
      },
    },
  );
  await refused(await secured(t, port));
  const second = await secured(t, port);
  second.write("x");
  await once(second, "data");
});
