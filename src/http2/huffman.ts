// HPACK's Huffman code (RFC 7541 §5.2, appendix B), both ways. The code is canonical, so the lengths say all of it: codes of one length
// are consecutive, in the order of the bytes.

/** Bits of the code of each byte. */
const LENGTHS = Uint8Array.of(
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
);
const LENGTH_MAX = 30;

/** The code of each byte, in its low bits. */
const CODES = ((): Uint32Array => {
  const codes = new Uint32Array(LENGTHS.length);
  let next = 0;
  for (let length = 1; length <= LENGTH_MAX; length++) {
    for (let byte = 0; byte < LENGTHS.length; byte++) if (LENGTHS[byte] === length) codes[byte] = next++;
    next *= 2;
  }
  return codes;
})();

/** Bytes that a text of one character a byte takes. */
export const huffmanLength = (text: string): number => {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += LENGTHS[text.charCodeAt(i)]!;
  return (bits + 7) >>> 3;
};

/** Writes a text of one character a byte; the position behind it. There must be room for `huffmanLength`. */
export const encodeHuffman = (text: string, bytes: Uint8Array, from: number): number => {
  let at = from;
  let held = 0;
  let bits = 0; // Of the byte that is being filled.
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    const code = CODES[byte]!;
    for (let left = LENGTHS[byte]!; left > 0; ) {
      const taken = Math.min(left, 8 - bits);
      left -= taken;
      held = (held << taken) | ((code >>> left) & (2 ** taken - 1));
      bits += taken;
      if (bits < 8) continue;
      bytes[at++] = held;
      held = 0;
      bits = 0;
    }
  }
  if (bits > 0) bytes[at++] = (held << (8 - bits)) | (0xff >>> bits); // The rest is the beginning of EOS: ones.
  return at;
};

/*
 * Decoding walks the tree of codes by four bits at a time. A state is an inner node; no code is shorter than five bits, so four bits end
 * at most one. `NEXT` is the state after them, or FAILED inside of EOS; `EMITS` is the byte that ended, or NOTHING.
 */
const FAILED = -1;
const NOTHING = -1;
const STATES = 256;
const NEXT = new Int16Array(STATES * 16).fill(FAILED);
const EMITS = new Int16Array(STATES * 16).fill(NOTHING);
/** States in which a text may end: at most seven bits, all ones, were left over. */
const MAY_END = new Uint8Array(STATES);

interface Node {
  readonly number: number;
  readonly children: [Node | number | undefined, Node | number | undefined];
}

/** The inner nodes by number; leaves are bytes. */
const tree = (): Node[] => {
  const nodes: Node[] = [{ number: 0, children: [undefined, undefined] }];
  const childOf = (node: Node, bit: number): Node => {
    const known = node.children[bit];
    if (typeof known === "object") return known;
    const made: Node = { number: nodes.length, children: [undefined, undefined] };
    nodes.push(made);
    node.children[bit] = made;
    return made;
  };
  for (let byte = 0; byte < LENGTHS.length; byte++) {
    let node = nodes[0]!;
    for (let bit = LENGTHS[byte]! - 1; bit > 0; bit--) node = childOf(node, (CODES[byte]! >>> bit) & 1);
    node.children[CODES[byte]! & 1] = byte;
  }
  return nodes;
};

const fillTables = (): void => {
  const nodes = tree();
  const root = nodes[0]!;
  for (const node of nodes) {
    for (let bits = 0; bits < 16; bits++) {
      const cell = node.number * 16 + bits;
      let at: Node | undefined = node;
      for (let bit = 3; bit >= 0 && at !== undefined; bit--) {
        const child: Node | number | undefined = at.children[(bits >>> bit) & 1];
        if (typeof child === "number") EMITS[cell] = child;
        at = typeof child === "number" ? root : child;
      }
      NEXT[cell] = at === undefined ? FAILED : at.number;
    }
  }
  let ones: Node | number | undefined = root;
  for (let bits = 0; bits <= 7 && typeof ones === "object"; bits++) {
    MAY_END[ones.number] = 1;
    ones = ones.children[1];
  }
};
fillTables();

/** Every code is at least this long: what bounds a decoded text. */
const LENGTH_MIN = 5;

let scratch = Buffer.allocUnsafeSlow(4096);

/** The text, one character a byte; undefined when the bytes are no such code: EOS inside, or padding that is none. */
export const decodeHuffman = (bytes: Uint8Array, from: number, to: number): string | undefined => {
  const room = Math.ceil(((to - from) * 8) / LENGTH_MIN);
  if (room > scratch.length) scratch = Buffer.allocUnsafeSlow(room);
  const out = scratch;
  let length = 0;
  let state = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    let cell = state * 16 + (byte >>> 4);
    state = NEXT[cell]!;
    if (state < 0) return undefined;
    if (EMITS[cell]! >= 0) out[length++] = EMITS[cell]!;
    cell = state * 16 + (byte & 15);
    state = NEXT[cell]!;
    if (state < 0) return undefined;
    if (EMITS[cell]! >= 0) out[length++] = EMITS[cell]!;
  }
  return MAY_END[state] === 1 ? out.toString("latin1", 0, length) : undefined;
};
