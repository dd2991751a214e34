// SASL SCRAM-SHA-256 and -512, the server's side (RFC 5802, RFC 7677): the client proves that it knows the password, and hears that the
// server knows it too. A name that nobody has is asked for its proof like any other, so that names cannot be tried out.
import { randomBytes } from "node:crypto";
import { utf8 } from "../../core/bytes.ts";
import { type Exchange, refused, type ScramMechanism, type Step } from "./exchange.ts";
import { hmac, ITERATIONS_MIN, isProof, type ScramCredential } from "./scram-keys.ts";
import { type ClientFirst, parseClientFinal, parseClientFirst } from "./scram-messages.ts";

export interface ScramOptions {
  /** Undefined for a user that has none. */
  readonly find: (user: string) => ScramCredential | undefined;
  /** Printable, without commas; for tests. */
  readonly nonce?: string;
}

const NONCE_BYTES = 24;
const SALT_BYTES = 20;
/** Salts of names that nobody has: the same for the same name as long as the process lives. */
const SECRET = randomBytes(32);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const nobody = (mechanism: ScramMechanism, user: string): ScramCredential => ({
  salt: hmac(mechanism, SECRET, user).subarray(0, SALT_BYTES),
  iterations: ITERATIONS_MIN,
  storedKey: randomBytes(hmac(mechanism, SECRET, "").length),
  serverKey: randomBytes(1),
});

/** What was said so far. */
interface Asked {
  readonly first: ClientFirst;
  readonly credential: ScramCredential;
  readonly known: boolean;
  /** The server's part. */
  readonly nonce: string;
  readonly challenge: string;
}

class ScramExchange implements Exchange {
  readonly mechanism: ScramMechanism;
  readonly #options: ScramOptions;
  #asked: Asked | undefined;

  constructor(mechanism: ScramMechanism, options: ScramOptions) {
    this.mechanism = mechanism;
    this.#options = options;
  }

  next(message: Uint8Array): Step {
    return this.#asked === undefined ? this.#challenge(message) : this.#judge(message, this.#asked);
  }

  #challenge(message: Uint8Array): Step {
    const first = parseClientFirst(message);
    if (first === undefined) return refused("the client's first message is malformed");
    if (first.byToken) return refused("delegation tokens are not known here");
    if (first.authorization !== "" && first.authorization !== first.user) {
      const told = "Authentication failed: Client requested an authorization id that is different from username";
      return refused("an authorization id that is not the user's name", told);
    }
    const found = this.#options.find(first.user);
    const credential = found ?? nobody(this.mechanism, first.user);
    const nonce = this.#options.nonce ?? base64(randomBytes(NONCE_BYTES));
    const challenge = `r=${first.nonce}${nonce},s=${base64(credential.salt)},i=${credential.iterations}`;
    this.#asked = { first, credential, known: found !== undefined, nonce, challenge };
    return { kind: "challenge", bytes: utf8(challenge) };
  }

  #judge(message: Uint8Array, { first, credential, known, nonce, challenge }: Asked): Step {
    const final = parseClientFinal(message);
    if (final === undefined) return refused("the client's final message is malformed");
    // The part of ours is what makes it fresh. Older librdkafka repeats its own part before that.
    if (!final.nonce.endsWith(nonce)) return refused("the nonce of the final message is another one");
    if (final.header !== first.header) return refused("the final message speaks of another channel");
    const said = `${first.bare},${challenge},${final.bare}`;
    if (!isProof(this.mechanism, credential, [final.proof, said])) return refused(known ? "a wrong password" : "no such user");
    return { kind: "accepted", user: first.user, bytes: utf8(`v=${base64(hmac(this.mechanism, credential.serverKey, said))}`) };
  }
}

export const scramExchange = (mechanism: ScramMechanism, options: ScramOptions): Exchange => new ScramExchange(mechanism, options);
