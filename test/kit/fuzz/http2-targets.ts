// What of HTTP/2 is given damaged bytes. Each target throws when something was thrown that it may not throw, or when what came out makes
// no sense.
import assert from "node:assert/strict";
import { ConnectionError } from "../../../src/http2/codes.ts";
import { type Frame, FrameReader, type FrameSink, FrameType } from "../../../src/http2/frame.ts";
import { checkFrame, settingsOf, unpadded } from "../../../src/http2/frame-rules.ts";
import { HeaderList } from "../../../src/http2/header-list.ts";
import { HpackDecoder, HpackError } from "../../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import { decodeHuffman, encodeHuffman, huffmanLength } from "../../../src/http2/huffman.ts";
import { REQUEST } from "../attacks/attack.ts";
import { END_HEADERS, END_STREAM, frame, headersFrame, POST, resetFrame, settingsFrame, FrameType as Type, uint32 } from "../frames.ts";

export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  run(bytes: Buffer): void;
}

const dataFrame = (stream: number, bytes: number, flags = 0): Buffer => frame({ type: Type.DATA, flags, stream }, Buffer.alloc(bytes));

const LIMITS = { bytesMax: 16_384, pairsMax: 64 };

const encodedTwice = (): Buffer[] => {
  const encoder = new HpackEncoder();
  return Array.from({ length: 3 }, () => {
    const bytes = Buffer.alloc(4_096);
    encoder.begin(bytes, 0);
    for (const [name, value] of [...REQUEST, ["x-trace", "0af7651916cd43dd8448eb211c80319c"] as const]) encoder.field(name, value);
    return bytes.subarray(0, encoder.end);
  });
};

const hpack: FuzzTarget = {
  name: "HPACK",
  // The last of them name what the first put into the table.
  seeds: [
    ...encodedTwice(),
    Buffer.concat(encodedTwice()),
    Buffer.from("3fe11f82868441 0f7777772e6578616d706c652e636f6d58086e6f2d6361636865".replace(" ", ""), "hex"),
  ],
  run(bytes) {
    const decoder = new HpackDecoder();
    const list = new HeaderList(LIMITS);
    const half = bytes.length >> 1;
    try {
      for (const [from, to] of [
        [0, half],
        [half, bytes.length],
        [0, bytes.length],
      ] as const) {
        list.begin();
        decoder.decode({ bytes, from, to }, list);
        assert.ok(list.fields.length <= LIMITS.pairsMax + 1);
      }
    } catch (reason) {
      if (!(reason instanceof HpackError)) throw reason;
    }
  },
};

const coded = (text: string): Buffer => {
  const bytes = Buffer.alloc(huffmanLength(text));
  encodeHuffman(text, bytes, 0);
  return bytes;
};

const huffman: FuzzTarget = {
  name: "Huffman code",
  seeds: ["www.example.com", "application/grpc", "0af7651916cd43dd8448eb211c80319c", "\u00ff\u0000!~", "x".repeat(200)].map(coded),
  run(bytes) {
    const text = decodeHuffman(bytes, 0, bytes.length);
    if (text !== undefined) assert.ok(coded(text).equals(bytes), "what it stands for has another code");
  },
};

const READ: FrameSink = {
  frame(read: Frame) {
    checkFrame(read);
    if (read.type === FrameType.SETTINGS) settingsOf(read);
    const padded = read.type === FrameType.HEADERS || (read.type === FrameType.DATA && read.begins && read.ends);
    const { from, to } = padded ? unpadded(read) : read;
    assert.ok(from <= to && to <= read.bytes.length);
  },
  tooLong() {
    throw new ConnectionError(6, "too long");
  },
};

export const FRAME_SEEDS: readonly Buffer[] = [
  headersFrame(1, REQUEST, END_STREAM),
  Buffer.concat([headersFrame(1, POST), dataFrame(1, 20), dataFrame(1, 0, END_STREAM)]),
  frame({ type: Type.DATA, flags: 0x8 | END_STREAM, stream: 1 }, Buffer.from([4, 1, 2, 3, 0, 0, 0, 0])),
  frame({ type: Type.HEADERS, flags: 0x28 | END_HEADERS, stream: 3 }, Buffer.from([2, 0, 0, 0, 1, 9, 0x82, 0x86, 0, 0])),
  Buffer.concat([
    frame({ type: Type.HEADERS, flags: 0, stream: 1 }, Buffer.from([0x83])),
    frame({ type: Type.CONTINUATION, flags: END_HEADERS, stream: 1 }, Buffer.from([0x86, 0x84])),
  ]),
  settingsFrame([
    [1, 4096],
    [3, 100],
    [4, 65_535],
    [5, 16_384],
  ]),
  settingsFrame([], 1),
  resetFrame(1, 8),
  frame({ type: Type.PING, flags: 0, stream: 0 }, Buffer.alloc(8, 7)),
  frame({ type: Type.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(1_000)),
  frame({ type: Type.GOAWAY, flags: 0, stream: 0 }, Buffer.alloc(8)),
  frame({ type: Type.PRIORITY, flags: 0, stream: 5 }, Buffer.alloc(5)),
];

const frames: FuzzTarget = {
  name: "frames",
  seeds: [...FRAME_SEEDS, Buffer.concat(FRAME_SEEDS)],
  run(bytes) {
    const reader = new FrameReader(READ);
    const third = Math.ceil(bytes.length / 3);
    try {
      for (let at = 0; at < bytes.length; at += third) reader.read(bytes.subarray(at, at + third));
    } catch (reason) {
      if (!(reason instanceof ConnectionError)) throw reason;
    }
  },
};

export const HTTP2_TARGETS = [hpack, huffman, frames] as const;
