// SCRAM against the example of RFC 7677, against kafkajs' client for both hashes, and against whatever else a client may send.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import type { Exchange, ScramMechanism, Step } from "../../../src/broker/sasl/exchange.ts";
import { scramExchange } from "../../../src/broker/sasl/scram.ts";
import { credentialOf, hmac, ITERATIONS_MIN, type ScramCredential, saltedPassword } from "../../../src/broker/sasl/scram-keys.ts";
import { concat, text, utf8 } from "../../../src/core/bytes.ts";

const SALT = new Uint8Array(Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
const SALTED = { salt: SALT, iterations: ITERATIONS_MIN };

const credential = (mechanism: ScramMechanism, password: string): ScramCredential =>
  credentialOf(mechanism, saltedPassword(mechanism, password, SALTED), SALTED);

const exchangeFor = (mechanism: ScramMechanism, user = "user", password = "pencil"): Exchange =>
  scramExchange(mechanism, {
    find: (name) => (name === user ? credential(mechanism, password) : undefined),
    nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  });

const told = (step: Step): string => (step.kind === "refused" ? `refused: ${step.reason}` : text(step.bytes));

describe("the example of RFC 7677", () => {
  const FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
  const CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const NONCE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const PROOF = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

  it("is answered with its own words", () => {
    const exchange = exchangeFor("SCRAM-SHA-256");
    assert.equal(told(exchange.next(utf8(FIRST))), CHALLENGE);
    const step = exchange.next(utf8(`c=biws,${NONCE},${PROOF}`));
    assert.deepEqual(
      { ...step, bytes: told(step) },
      { kind: "accepted", user: "user", bytes: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
    );
  });

  it("may repeat the client's nonce before the server's, as older librdkafka does, when its proof says so too", () => {
    const exchange = exchangeFor("SCRAM-SHA-256");
    exchange.next(utf8(FIRST));
    const bare = NONCE.replace("r=", "r=rOprNGfwEbeRWgbNEkqO");
    const key = saltedPassword("SCRAM-SHA-256", "pencil", SALTED);
    const clientKey = hmac("SCRAM-SHA-256", key, "Client Key");
    const said = `n=user,r=rOprNGfwEbeRWgbNEkqO,${CHALLENGE},c=biws,${bare}`;
    const signature = hmac("SCRAM-SHA-256", credential("SCRAM-SHA-256", "pencil").storedKey, said);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString("base64");
    assert.equal(exchange.next(utf8(`c=biws,${bare},p=${proof}`)).kind, "accepted");
  });

  const WRONG = {
    "another proof": [`c=biws,${NONCE},${PROOF.replace("d", "e")}`, "refused: a wrong password"],
    "a proof that is too short": [`c=biws,${NONCE},p=dHzb`, "refused: a wrong password"],
    "no proof": [`c=biws,${NONCE}`, "refused: the client's final message is malformed"],
    "another nonce": [`c=biws,${NONCE}x,${PROOF}`, "refused: the nonce of the final message is another one"],
    "the client's nonce alone": [`c=biws,r=rOprNGfwEbeRWgbNEkqO,${PROOF}`, "refused: the nonce of the final message is another one"],
    "another channel": [`c=eSws,${NONCE},${PROOF}`, "refused: the final message speaks of another channel"],
    "no channel": [`${NONCE},${PROOF}`, "refused: the client's final message is malformed"],
    "no base64": [`c=biws,${NONCE},p=*`, "refused: the client's final message is malformed"],
    nothing: ["", "refused: the client's final message is malformed"],
  };
  for (const [name, [message = "", reason = ""]] of Object.entries(WRONG))
    it(`is refused with ${name}`, () => {
      const exchange = exchangeFor("SCRAM-SHA-256");
      exchange.next(utf8(FIRST));
      assert.equal(told(exchange.next(utf8(message))), reason);
    });
});

describe("a client's first message", () => {
  const MALFORMED = "refused: the client's first message is malformed";
  const CASES = {
    "n,,n=,r=abc": MALFORMED,
    "n,,n=user,r=": MALFORMED,
    "n,,r=abc,n=user": MALFORMED,
    "p=tls-unique,,n=user,r=abc": MALFORMED,
    "n,,n=us=2Xer,r=abc": MALFORMED,
    "n,n=user,r=abc": MALFORMED,
    "n,,m=ext,n=user,r=abc": MALFORMED,
    "n,,n=user,r=a\u0001c": MALFORMED,
    "": MALFORMED,
    "n,a=other,n=user,r=abc": "refused: an authorization id that is not the user's name",
    "n,,n=user,r=abc,tokenauth=true": "refused: delegation tokens are not known here",
  };
  for (const [message, reason] of Object.entries(CASES))
    it(`${JSON.stringify(message)} is ${reason}`, () => {
      assert.equal(told(exchangeFor("SCRAM-SHA-256").next(utf8(message))), reason);
    });

  it("may name the user as the authorization id too, and have extensions and escapes", () => {
    const user = "us,er=";
    const step = exchangeFor("SCRAM-SHA-512", user).next(utf8("y,a=us=2Cer=3D,n=us=2Cer=3D,r=abc,ext=1,x="));
    assert.equal(step.kind, "challenge");
    assert.match(told(step), /^r=abc.+,s=.+,i=4096$/);
  });

  it("that is large is judged at once", () => {
    const message = utf8(`n,,n=${"=2C".repeat(20_000)}=,r=abc${",a=b".repeat(1_000)}`);
    assert.equal(told(exchangeFor("SCRAM-SHA-256").next(message)), MALFORMED);
  });
});

describe("a user that nobody knows", () => {
  const challenge = (user: string): string => told(exchangeFor("SCRAM-SHA-256").next(utf8(`n,,n=${user},r=abc`)));

  it("is asked for a proof with the same salt each time, and another one than other users", () => {
    assert.equal(challenge("nobody"), challenge("nobody"));
    assert.notEqual(challenge("nobody"), challenge("noone"));
  });

  it("is refused whatever the proof is", () => {
    const exchange = exchangeFor("SCRAM-SHA-256");
    const nonce = /r=([^,]+)/.exec(told(exchange.next(utf8("n,,n=nobody,r=abc"))))?.[1];
    assert.equal(told(exchange.next(utf8(`c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`))), "refused: no such user");
  });
});

interface Message {
  readonly request: { encode(): Promise<Uint8Array> };
  readonly response: { decode(bytes: Uint8Array): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
}
/** What kafkajs' own client of SCRAM needs and does. */
type ScramClient = (user: {
  readonly username: string;
  readonly password: string;
}) => (connection: {
  readonly host: string;
  readonly port: number;
  readonly logger: { debug(): void; error(): void };
  readonly saslAuthenticate: (message: Message) => Promise<unknown>;
}) => { authenticate(): Promise<void> };

const require = createRequire(import.meta.url);
const LENGTH_BYTES = 4;

const framed = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(bytes.length);
  return Buffer.from(concat([length, bytes]));
};

const authenticate = async (name: "scram256" | "scram512", exchange: Exchange, password: string): Promise<string | undefined> => {
  const client: ScramClient = require(`kafkajs/src/broker/saslAuthenticator/${name}.js`);
  let user: string | undefined;
  const saslAuthenticate = async ({ request, response }: Message): Promise<unknown> => {
    const step = exchange.next(new Uint8Array((await request.encode()).subarray(LENGTH_BYTES)));
    if (step.kind === "refused") throw new Error(step.reason);
    if (step.kind === "accepted") user = step.user;
    return response.parse(await response.decode(framed(step.bytes)));
  };
  const logger = { debug: () => {}, error: () => {} };
  await client({ username: "al=i,ce", password })({ host: "localhost", port: 0, logger, saslAuthenticate }).authenticate();
  return user;
};

describe("kafkajs' client", () => {
  for (const [name, mechanism] of [
    ["scram256", "SCRAM-SHA-256"],
    ["scram512", "SCRAM-SHA-512"],
  ] as const) {
    it(`and the server prove themselves to each other by ${mechanism}`, async () => {
      assert.equal(await authenticate(name, exchangeFor(mechanism, "al=i,ce", "gehe im"), "gehe im"), "al=i,ce");
    });

    it(`is refused by ${mechanism} with another password`, async () => {
      await assert.rejects(authenticate(name, exchangeFor(mechanism, "al=i,ce", "gehe im"), "geheim"), /a wrong password/);
    });

    it(`does not believe a server that does not know the keys of ${mechanism}`, async () => {
      const right = credential(mechanism, "pencil");
      const exchange = scramExchange(mechanism, { find: () => ({ ...right, serverKey: new Uint8Array(8) }) });
      await assert.rejects(authenticate(name, exchange, "pencil"), /Invalid server signature/);
    });
  }
});
