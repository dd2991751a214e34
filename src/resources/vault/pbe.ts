// Encryption and authentication by a password, as key stores use them: PBES2 and PBMAC1 (RFC 8018, RFC 9579) and the older schemes of
// PKCS#12 (RFC 7292, appendix B and C).
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";
import { DerError, type DerValue, expect, inside, integer, objectIdentifier, octets, Tag } from "./der.ts";
import { decryptRc2 } from "./rc2.ts";

/** More rounds are a mistake, and would hold the process up. */
const ITERATIONS_MAX = 10_000_000;
const SCRYPT_BYTES_MAX = 256 * 1024 * 1024;

const HASHES: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const HMACS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

interface Cipher {
  readonly name: string;
  readonly keyBytes: number;
}
const PBES2_CIPHERS: Readonly<Record<string, Cipher>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};
/** All with SHA-1. */
const PKCS12_CIPHERS: Readonly<Record<string, Cipher>> = {
  "1.2.840.113549.1.12.1.3": { name: "des-ede3-cbc", keyBytes: 24 },
  "1.2.840.113549.1.12.1.4": { name: "des-ede-cbc", keyBytes: 16 },
  "1.2.840.113549.1.12.1.5": { name: "rc2-128", keyBytes: 16 },
  "1.2.840.113549.1.12.1.6": { name: "rc2-40", keyBytes: 5 },
};
const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const PBMAC1 = "1.2.840.113549.1.5.14";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";

const known = <T>(table: Readonly<Record<string, T>>, identifier: string, what: string): T => {
  const found = table[identifier];
  if (found === undefined) throw new DerError(`the ${what} ${identifier} is not known here`);
  return found;
};

const iterationsOf = (value: DerValue | undefined): number => {
  const iterations = integer(value);
  if (iterations < 1 || iterations > ITERATIONS_MAX) throw new DerError(`${iterations} iterations are not from 1 to ${ITERATIONS_MAX}`);
  return iterations;
};

/** What `algorithm` (an AlgorithmIdentifier) hid; undefined when the password is another. */
export const decrypt = (algorithm: DerValue, encrypted: Uint8Array, password: string): Uint8Array | undefined => {
  const [identifier, parameters] = inside(expect(algorithm, Tag.SEQUENCE));
  const name = objectIdentifier(identifier);
  const fields = inside(expect(parameters, Tag.SEQUENCE));
  if (name === PBES2) return decryptPbes2(fields, encrypted, password);
  const cipher = known(PKCS12_CIPHERS, name, "encryption");
  const from = { salt: octets(fields[0]), iterations: iterationsOf(fields[1]), hash: "sha1", password: bmpPassword(password) };
  const key = derive({ ...from, purpose: 1, bytes: cipher.keyBytes });
  const iv = derive({ ...from, purpose: 2, bytes: 8 });
  if (cipher.name === "rc2-40") return decryptRc2(encrypted, key, { iv, bits: 40 });
  if (cipher.name === "rc2-128") return decryptRc2(encrypted, key, { iv, bits: 128 });
  return deciphered("des-ede3-cbc", { key: key.length === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key, iv, encrypted });
};

const decryptPbes2 = (fields: readonly DerValue[], encrypted: Uint8Array, password: string): Uint8Array | undefined => {
  const [identifier, iv] = inside(expect(fields[1], Tag.SEQUENCE));
  const cipher = known(PBES2_CIPHERS, objectIdentifier(identifier), "cipher");
  return deciphered(cipher.name, { key: deriveKey(expect(fields[0], Tag.SEQUENCE), password, cipher.keyBytes), iv: octets(iv), encrypted });
};

const deriveKey = (derivation: DerValue, password: string, bytes: number): Uint8Array => {
  const [identifier, parameters] = inside(derivation);
  const name = objectIdentifier(identifier);
  const fields = inside(expect(parameters, Tag.SEQUENCE));
  if (name === SCRYPT) {
    const [N, r, p] = [integer(fields[1]), integer(fields[2]), integer(fields[3])];
    return scryptSync(password, octets(fields[0]), bytes, { N, r, p, maxmem: SCRYPT_BYTES_MAX });
  }
  if (name !== PBKDF2) throw new DerError(`the key derivation ${name} is not known here`);
  const random = fields.find(({ tag }, index) => index > 1 && tag === Tag.SEQUENCE);
  const hash = random ? known(HMACS, objectIdentifier(inside(random)[0]), "pseudo-random function") : "sha1";
  return pbkdf2Sync(password, octets(fields[0]), iterationsOf(fields[1]), bytes, hash);
};

const deciphered = (
  cipher: string,
  { key, iv, encrypted }: { key: Uint8Array; iv: Uint8Array; encrypted: Uint8Array },
): Uint8Array | undefined => {
  const decipher = createDecipheriv(cipher, key, iv);
  try {
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch {
    return undefined; // The padding is wrong, so the key is.
  }
};

/** Whether the MacData of a PKCS#12 file fits its content and the password. */
export const authentic = (macData: DerValue, content: Uint8Array, password: string): boolean => {
  const [digestInfo, salt, iterations] = inside(expect(macData, Tag.SEQUENCE));
  const [algorithm, digest] = inside(expect(digestInfo, Tag.SEQUENCE));
  const [identifier, parameters] = inside(expect(algorithm, Tag.SEQUENCE));
  const name = objectIdentifier(identifier);
  const wanted = octets(digest);
  const candidates = name === PBMAC1 ? [pbmac1(expect(parameters, Tag.SEQUENCE), content, password)] : [];
  if (name !== PBMAC1) {
    const hash = known(HASHES, name, "hash");
    const from = {
      salt: octets(salt),
      iterations: iterations === undefined ? 1 : iterationsOf(iterations),
      hash,
      purpose: 3,
      bytes: wanted.length,
    };
    for (const bytes of passwordForms(password))
      candidates.push(
        createHmac(hash, derive({ ...from, password: bytes }))
          .update(content)
          .digest(),
      );
  }
  return candidates.some((found) => found.length === wanted.length && timingSafeEqual(found, wanted));
};

const pbmac1 = (parameters: DerValue, content: Uint8Array, password: string): Buffer => {
  const [derivation, scheme] = inside(parameters);
  const hash = known(HMACS, objectIdentifier(inside(expect(scheme, Tag.SEQUENCE))[0]), "message authentication");
  const key = deriveKey(expect(derivation, Tag.SEQUENCE), password, createHash(hash).digest().length);
  return createHmac(hash, key).update(content).digest();
};

/** Two bytes a character, and two zero bytes behind (RFC 7292 §B.1). */
const bmpPassword = (password: string): Uint8Array => Buffer.from(`${password}\0`, "utf16le").swap16();

/** Writers do not agree on what no password is. */
const passwordForms = (password: string): readonly Uint8Array[] =>
  password === "" ? [bmpPassword(""), new Uint8Array(0)] : [bmpPassword(password)];

interface Derivation {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly hash: string;
  /** 1: a key, 2: an initial vector, 3: a key for authentication. */
  readonly purpose: number;
  readonly bytes: number;
}

const repeated = (bytes: Uint8Array, block: number): Uint8Array => {
  const length = Math.ceil(bytes.length / block) * block;
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]!);
};

/** RFC 7292 §B.2. */
const derive = ({ password, salt, iterations, hash, purpose, bytes }: Derivation): Uint8Array => {
  const block = hash === "sha384" || hash === "sha512" ? 128 : 64;
  const input = Buffer.concat([repeated(salt, block), repeated(password, block)]);
  const out: Uint8Array[] = [];
  for (let length = 0; length < bytes; ) {
    let digest: Uint8Array = createHash(hash).update(Buffer.alloc(block, purpose)).update(input).digest();
    for (let i = 1; i < iterations; i++) digest = createHash(hash).update(digest).digest();
    out.push(digest);
    length += digest.length;
    addToEach(input, repeated(digest, block).subarray(0, block));
  }
  return Buffer.concat(out).subarray(0, bytes);
};

/** Each block of `input`, a large number, grows by `block` and one. */
const addToEach = (input: Uint8Array, block: Uint8Array): void => {
  for (let at = 0; at < input.length; at += block.length) {
    let carry = 1;
    for (let i = block.length - 1; i >= 0; i--) {
      carry += input[at + i]! + block[i]!;
      input[at + i] = carry & 0xff;
      carry >>= 8;
    }
  }
};
