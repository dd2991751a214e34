// Sixty-four bits of a header's value, for an index of many. Two values may have the same; who finds a record looks at it.

/** Different in each process, so that nobody can choose values that meet. */
const SEED = crypto.getRandomValues(new Uint32Array(2));

/** Two unsigned numbers of 32 bits; never both 0. `text` has one character a byte. */
export const hash64 = (text: string): readonly [low: number, high: number] => {
  let low = SEED[0]! ^ text.length;
  let high = SEED[1]! ^ text.length;
  for (let at = 0; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    low = Math.imul(low ^ byte, 0x85ebca77);
    high = Math.imul(high ^ byte, 0xc2b2ae3d);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (high >>> 16), 0x27d4eb2f);
  high = Math.imul(high ^ (low >>> 15), 0x165667b1);
  low = (low ^ (low >>> 13)) >>> 0;
  high = (high ^ (high >>> 16)) >>> 0;
  return low === 0 && high === 0 ? [1, 0] : [low, high];
};
