// What ties replies to their call: the caller's idempotency key, or a random one, and a digest of what the call is. Both sides of a
// migration compute the same, so the algorithm is the original's to the byte.
import { hash, randomFillSync } from "node:crypto";
import { concat, latin1, utf8 } from "../core/bytes.ts";
import { murmur2After, murmur2Begun } from "../kafka/wire/murmur2.ts";
import type { Metadata } from "../ports/grpc.ts";
import { valueBytes } from "./metadata.ts";
import type { CorrelationNames } from "./names.ts";

/** What a correlation id says about its call, beside the key. */
export interface Correlated {
  readonly names: CorrelationNames;
  readonly service: string;
  readonly method: string;
  /** Absent for a oneway call: then nothing of the call but its overrides counts. */
  readonly replyTo?: string;
  /** The values of the route's overrides, in their order. */
  readonly overrides: readonly Uint8Array[];
}

/** The md5 part: 32 lower-case hexadecimal digits. */
export const correlationDigest = ({ names, service, method, replyTo, overrides }: Correlated): string => {
  const described = replyTo === undefined ? "" : names.service + service + names.method + method + names.replyTo + replyTo;
  if (overrides.length === 0) return hash("md5", described, "hex");
  return hash("md5", concat([utf8(described), ...overrides]), "hex");
};

const DIGITS = utf8("0123456789abcdef");
const HYPHEN = 0x2d;
const UUID_CHARACTERS = 36;

/** The bytes of an id: a header's value, the default key, and what replies are found by. */
export const correlationId = (key: string | undefined, digest: string): Uint8Array =>
  key === undefined ? randomId(digest) : concat([valueBytes(key), utf8(`-${digest}`)]);

const RANDOM_BYTES = 16;
/** Made for so many ids at a time. */
const random = new Uint8Array(RANDOM_BYTES * 256);
let randomAt = random.length;

/** A random UUID (RFC 9562 §5.4) and the digest, written as bytes at once: a text in between costs more than the id. */
const randomId = (digest: string): Uint8Array => {
  if (randomAt === random.length) {
    randomFillSync(random);
    randomAt = 0;
  }
  const from = randomAt;
  randomAt += RANDOM_BYTES;
  random[from + 6] = (random[from + 6]! & 0x0f) | 0x40;
  random[from + 8] = (random[from + 8]! & 0x3f) | 0x80;
  const id = Buffer.allocUnsafe(UUID_CHARACTERS + 1 + digest.length);
  let at = 0;
  for (let index = 0; index < RANDOM_BYTES; index++) {
    const byte = random[from + index]!;
    if (index === 4 || index === 6 || index === 8 || index === 10) id[at++] = HYPHEN;
    id[at++] = DIGITS[byte >> 4]!;
    id[at++] = DIGITS[byte & 0xf]!;
  }
  id[at++] = HYPHEN;
  id.write(digest, at, "latin1");
  return id;
};

/** The last digits of a random key are drawn anew, this many at most: so few are needed that this is never reached but by a tiny share. */
export const DRAWS_MAX = 4_096;
/** Where these digits are: four, the last word of the key that a hash is made of. */
const DRAWN_FROM = 32;

/**
 * An id with a random key whose murmur2 hash `reads` accepts, if one is found: whoever keys replies by the id then writes them where they are
 * read. Only digits that are random anyway are drawn again, so that the hash of what is before them is made once.
 */
export const drawnCorrelationId = (digest: string, reads: (hash: number) => boolean): Uint8Array => {
  const id = correlationId(undefined, digest);
  const begun = murmur2Begun(id, DRAWN_FROM);
  let drawn = Number.parseInt(latin1(id.subarray(DRAWN_FROM, DRAWN_FROM + 4)), 16);
  for (let draws = 0; draws < DRAWS_MAX && !reads(murmur2After(begun, id, DRAWN_FROM)); draws++) {
    drawn = (drawn + 1) & 0xffff;
    for (let digit = 0; digit < 4; digit++) id[DRAWN_FROM + digit] = DIGITS[(drawn >> (12 - 4 * digit)) & 0xf]!;
  }
  return id;
};

/**
 * The caller's key: the first metadata of that name, or of that name with `-bin`, whose base64 text then counts as it is. Several values are
 * joined, as on the topic. An empty key is none: calls that share it would share their replies.
 */
export const idempotencyKey = (metadata: Metadata, name: string): string | undefined => {
  const found = metadata.find(([other]) => other === name || other === `${name}-bin`);
  if (found === undefined) return undefined;
  const values = metadata.filter(([other]) => other === found[0]).map(([, value]) => value);
  return values.join(", ") || undefined;
};
