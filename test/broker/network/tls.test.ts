// The broker's listener with TLS: who comes in, and who they are by their certificate.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { TlsOptions } from "../../../src/broker/network/tls.ts";
import type { BrokerOptions } from "../../../src/broker/options.ts";
import { apiVersions } from "../../../src/kafka/wire/api/18-api-versions.ts";
import { check, pem } from "../../bindings/tls/tls-kit.ts";
import { Asker, running } from "../running.ts";

const pair = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });
const tls = (more: Partial<TlsOptions> = {}): TlsOptions => ({ certificate: pem("one.crt"), key: pem("one.key"), ...more });

const started = async (context: TestContext, options: BrokerOptions) => {
  const { broker, asker } = await running(context, options);
  asker.socket.destroy();
  const principals: string[] = [];
  broker.control(apiVersions, (_, { client }) => {
    principals.push(client.principal);
    return undefined;
  });
  const asking = async (more: ConnectionOptions = {}): Promise<number> => {
    const socket = connectTls({ port: broker.port, host: "127.0.0.1", ca: pem("ca.crt"), servername: "localhost", ...more });
    context.after(() => socket.destroy());
    await once(socket, "secureConnect");
    const own = new Asker(socket);
    const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
    return (await own.ask(apiVersions, software)).errorCode;
  };
  return { broker, asking, principals };
};

check("with a certificate of its own, it is trusted by who trusts its authority, and asks nobody who they are", async (context) => {
  const { asking, principals } = await started(context, { tls: tls() });
  assert.equal(await asking(), 0);
  assert.deepEqual(principals, ["User:ANONYMOUS"]);
  await assert.rejects(asking({ ca: pem("other-ca.crt") }), /certificate|issuer/i);
});

check("with authorities of clients, only who has a certificate of theirs comes in, and it says who that is", async (context) => {
  const { asking, principals } = await started(context, { tls: tls({ clientCa: pem("ca.crt") }) });
  assert.equal(await asking(pair("caller")), 0);
  assert.deepEqual(principals, ["User:CN=caller,O=Test"]);
  await assert.rejects(asking());
  await assert.rejects(asking(pair("stranger")));
  assert.equal(principals.length, 1);
});

check("who speaks plainly, or falls silent in the handshake, does not keep the broker from its end", async (context) => {
  const { broker } = await started(context, { tls: tls() });
  const plain = connect(broker.port, "127.0.0.1");
  const closed = once(plain, "close");
  plain.on("error", () => {});
  plain.write("plainly spoken, which is no handshake");
  await closed;
  const silent = connect(broker.port, "127.0.0.1");
  context.after(() => silent.destroy());
  await once(silent, "connect");
  await broker.close();
});
