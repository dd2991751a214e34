// Where a record goes: the hash that the Java client partitions by, so that every client agrees on a key's partition.

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/** Murmur2 of Kafka's clients, as an unsigned number. */
export const murmur2 = (key: Uint8Array): number => {
  const length = key.length;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    word = Math.imul(word, MIX);
    word = Math.imul(word ^ (word >>> 24), MIX);
    hash = Math.imul(hash, MIX) ^ word;
  }
  if (at < length) {
    for (let shift = 0; at < length; at++, shift += 8) hash ^= key[at]! << shift;
    hash = Math.imul(hash, MIX);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return (hash ^ (hash >>> 15)) >>> 0;
};

/** The partition of a key among `count` (at least 1), as the Java client chooses it. */
export const partitionFor = (key: Uint8Array, count: number): number => (murmur2(key) & 0x7fffffff) % count;
