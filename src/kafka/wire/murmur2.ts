// Where a record goes: the hash that the Java client partitions by, so that every client agrees on a key's partition.

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/** Murmur2 of Kafka's clients, as an unsigned number. */
export const murmur2 = (key: Uint8Array): number => murmur2After(SEED ^ key.length, key, 0);

/** The state after the first `bytes` of a key, a multiple of 4: keys of its length that differ after them begin with it. */
export const murmur2Begun = (key: Uint8Array, bytes: number): number => {
  let hash = SEED ^ key.length;
  for (let at = 0; at < bytes; at += 4) hash = mixed(hash, key, at);
  return hash;
};

/** The hash of a key, from the state after its first `from` bytes. */
export const murmur2After = (begun: number, key: Uint8Array, from: number): number => {
  const { length } = key;
  let hash = begun;
  let at = from;
  for (; at + 4 <= length; at += 4) hash = mixed(hash, key, at);
  if (at < length) {
    for (let shift = 0; at < length; at++, shift += 8) hash ^= key[at]! << shift;
    hash = Math.imul(hash, MIX);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return (hash ^ (hash >>> 15)) >>> 0;
};

const mixed = (hash: number, key: Uint8Array, at: number): number => {
  let word = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
  word = Math.imul(word, MIX);
  word = Math.imul(word ^ (word >>> 24), MIX);
  return Math.imul(hash, MIX) ^ word;
};

/** The partition, among `count` (at least 1), of keys with that hash, as the Java client chooses it. */
export const partitionOfHash = (hash: number, count: number): number => (hash & 0x7fffffff) % count;

/** The partition of a key among `count` (at least 1). */
export const partitionFor = (key: Uint8Array, count: number): number => partitionOfHash(murmur2(key), count);
