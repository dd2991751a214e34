// The users that authenticate by SCRAM, as the broker keeps them: their keys, never their passwords. Each change is durable before it is
// answered.
import { fromBase64 } from "../../core/bytes.ts";
import type { Memory } from "../acl/acls.ts";
import { BrokerError } from "../broker-error.ts";
import type { Fact } from "../metadata.ts";
import type { ScramMechanism } from "./exchange.ts";
import { type Salted, SCRAM_MECHANISMS, type ScramCredential } from "./scram-keys.ts";

const SECTION = "scram";

export interface ScramChange {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  /** Undefined: it is taken away. */
  readonly credential: ScramCredential | undefined;
}

const keyOf = (mechanism: ScramMechanism, user: string): string => `${mechanism}/${user}`;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const factOf = ({ salt, iterations, storedKey, serverKey }: ScramCredential): Fact => ({
  salt: base64(salt),
  iterations,
  storedKey: base64(storedKey),
  serverKey: base64(serverKey),
});

const credentialIn = (key: string, fact: Fact): ScramCredential => {
  const { salt, iterations, storedKey, serverKey } = fact as Readonly<Record<string, Fact | undefined>>; // What `factOf` has made.
  const bytes = (of: Fact | undefined): Uint8Array => {
    const found = typeof of === "string" ? fromBase64(of) : undefined;
    if (found === undefined) throw new BrokerError("KAFKA_STORAGE_ERROR", `what is remembered of ${key} cannot be read`);
    return found;
  };
  return { salt: bytes(salt), iterations: Number(iterations), storedKey: bytes(storedKey), serverKey: bytes(serverKey) };
};

export class ScramUsers {
  readonly #memory: Memory;
  readonly #credentials = new Map<string, ScramCredential>();

  constructor(memory: Memory) {
    this.#memory = memory;
    for (const [key, fact] of memory.recall(SECTION)) this.#credentials.set(key, credentialIn(key, fact));
  }

  find(mechanism: ScramMechanism, user: string): ScramCredential | undefined {
    return this.#credentials.get(keyOf(mechanism, user));
  }

  /** Every user once. */
  users(): readonly string[] {
    return [...new Set([...this.#credentials.keys()].map((key) => key.slice(key.indexOf("/") + 1)))];
  }

  of(user: string): readonly (Pick<Salted, "iterations"> & { readonly mechanism: ScramMechanism })[] {
    return SCRAM_MECHANISMS.flatMap((mechanism) => {
      const found = this.find(mechanism, user);
      return found === undefined ? [] : [{ mechanism, iterations: found.iterations }];
    });
  }

  /** Gives what is to be changed after everything that was asked for before is done; all of it changes or nothing. */
  change(decide: () => readonly ScramChange[]): Promise<void> {
    return this.#memory.turn(async () => {
      const changes = decide();
      await this.#memory.remember(
        ...changes.map(({ user, mechanism, credential }) => ({
          section: SECTION,
          key: keyOf(mechanism, user),
          fact: credential && factOf(credential),
        })),
      );
      for (const { user, mechanism, credential } of changes) {
        if (credential === undefined) this.#credentials.delete(keyOf(mechanism, user));
        else this.#credentials.set(keyOf(mechanism, user), credential);
      }
    });
  }
}
