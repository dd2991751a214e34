// The keys of SCRAM (RFC 5802 §3): made from a password, which is not kept, and known by what a broker keeps.
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import type { ScramMechanism } from "./exchange.ts";

/** What is kept of a user and a mechanism. */
export interface ScramCredential {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Bounds of the iterations that a credential may ask for: fewer are weak, more keep clients busy. */
export const ITERATIONS_MIN = 4_096;
export const ITERATIONS_MAX = 16_384;

const HASHES = { "SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512" } as const;
const HASH_BYTES = { "SCRAM-SHA-256": 32, "SCRAM-SHA-512": 64 } as const;
/** The numbers of the mechanisms on the wire. */
const CODES: Readonly<Record<ScramMechanism, number>> = { "SCRAM-SHA-256": 1, "SCRAM-SHA-512": 2 };

export const SCRAM_MECHANISMS: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];
export const scramCode = (mechanism: ScramMechanism): number => CODES[mechanism];
/** Undefined for a number that is none. */
export const scramMechanismOf = (code: number): ScramMechanism | undefined =>
  SCRAM_MECHANISMS.find((mechanism) => CODES[mechanism] === code);

export const hmac = (mechanism: ScramMechanism, key: Uint8Array, value: string | Uint8Array): Uint8Array =>
  createHmac(HASHES[mechanism], key).update(value).digest();
const hash = (mechanism: ScramMechanism, value: Uint8Array): Uint8Array => createHash(HASHES[mechanism]).update(value).digest();

export interface Salted {
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export const saltedPassword = (mechanism: ScramMechanism, password: string, { salt, iterations }: Salted): Uint8Array =>
  pbkdf2Sync(password, salt, iterations, HASH_BYTES[mechanism], HASHES[mechanism]);

export const credentialOf = (mechanism: ScramMechanism, salted: Uint8Array, { salt, iterations }: Salted): ScramCredential => ({
  salt,
  iterations,
  storedKey: hash(mechanism, hmac(mechanism, salted, "Client Key")),
  serverKey: hmac(mechanism, salted, "Server Key"),
});

/** Whether the proof was made with the password of that credential; in the same time whatever the proof is. */
export const isProof = (
  mechanism: ScramMechanism,
  { storedKey }: ScramCredential,
  [proof, message]: readonly [Uint8Array, string],
): boolean => {
  const signature = hmac(mechanism, storedKey, message);
  if (proof.length !== signature.length) return false;
  return timingSafeEqual(
    hash(
      mechanism,
      signature.map((byte, at) => byte ^ proof[at]!),
    ),
    storedKey,
  );
};
