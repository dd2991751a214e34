// RC2 in CBC mode, decryption only (RFC 2268). Key stores written by older Java and OpenSSL hide their certificates with it, and Node's
// OpenSSL no longer knows it.

/** The permutation of RFC 2268 §2. */
const PI_TABLE = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2" +
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec" +
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9" +
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);

const BLOCK_BYTES = 8;
/** By which each of the four words is turned. */
const ROTATIONS = [1, 2, 3, 5] as const;

/** RFC 2268 §2: 64 words from the key, of which `bits` count. */
const expanded = (key: Uint8Array, bits: number): Uint16Array => {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let i = key.length; i < 128; i++) bytes[i] = PI_TABLE[(bytes[i - 1]! + bytes[i - key.length]!) & 0xff]!;
  const kept = Math.ceil(bits / 8);
  bytes[128 - kept] = PI_TABLE[bytes[128 - kept]! & (0xff >> (8 * kept - bits))]!;
  for (let i = 127 - kept; i >= 0; i--) bytes[i] = PI_TABLE[bytes[i + 1]! ^ bytes[i + kept]!]!;
  return Uint16Array.from({ length: 64 }, (_, i) => bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
};

const unmix = (words: Uint16Array, key: Uint16Array, round: number): void => {
  for (let i = 3; i >= 0; i--) {
    const turn = ROTATIONS[i]!;
    const word = words[i]!;
    const back = ((word >>> turn) | (word << (16 - turn))) & 0xffff;
    const [before, second, third] = [words[(i + 3) % 4]!, words[(i + 2) % 4]!, words[(i + 1) % 4]!];
    words[i] = back - key[round * 4 + i]! - (before & second) - (~before & third);
  }
};

const unmash = (words: Uint16Array, key: Uint16Array): void => {
  for (let i = 3; i >= 0; i--) words[i]! -= key[words[(i + 3) % 4]! & 63]!;
};

/** RFC 2268 §4. */
const decryptBlock = (block: Uint8Array, key: Uint16Array): Uint8Array => {
  const words = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i]! | (block[2 * i + 1]! << 8));
  for (let round = 15; round >= 0; round--) {
    unmix(words, key, round);
    if (round === 11 || round === 5) unmash(words, key);
  }
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => words[i >> 1]! >>> (8 * (i & 1)));
};

/** Undefined when the padding is wrong: another key, or damaged bytes. */
export const decryptRc2 = (
  encrypted: Uint8Array,
  key: Uint8Array,
  { iv, bits }: { iv: Uint8Array; bits: number },
): Uint8Array | undefined => {
  if (encrypted.length === 0 || encrypted.length % BLOCK_BYTES !== 0) return undefined;
  const words = expanded(key, bits);
  const plain = new Uint8Array(encrypted.length);
  let before = iv;
  for (let at = 0; at < encrypted.length; at += BLOCK_BYTES) {
    const block = encrypted.subarray(at, at + BLOCK_BYTES);
    const decrypted = decryptBlock(block, words);
    for (let i = 0; i < BLOCK_BYTES; i++) plain[at + i] = decrypted[i]! ^ before[i]!;
    before = block;
  }
  const padding = plain.at(-1)!;
  const padded = padding >= 1 && padding <= BLOCK_BYTES && plain.subarray(plain.length - padding).every((byte) => byte === padding);
  return padded ? plain.subarray(0, plain.length - padding) : undefined;
};
