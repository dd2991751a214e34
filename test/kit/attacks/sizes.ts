// Too much at once: header lists, frames, windows and stream numbers that no peer may ask for.
import { END_HEADERS, END_STREAM, FrameType, frame, headersFrame, settingsFrame, uint32 } from "../frames.ts";
import { type Attack, ErrorCode, REQUEST, stream } from "./attack.ts";
import { greetedWire, type Wire } from "./wire.ts";

const BREACH = { goaway: [ErrorCode.PROTOCOL_ERROR] } as const;
const CALM = { goaway: [ErrorCode.ENHANCE_YOUR_CALM] } as const;

/** An entry of the dynamic table that nearly fills it. */
const ENTRY_BYTES = 3_900;
const BOMB_STREAMS = 5_000;
const REFERENCES = 100;
/** The first entry of the dynamic table, in one byte. */
const NEWEST = 0x80 | 62;

/** `:method POST`, `:scheme http`, `:path /` of the static table. */
const PSEUDO = Buffer.from([0x83, 0x86, 0x84]);

const indexedLiteral = (name: string, value: Buffer): Buffer => {
  const rest = value.length - 127;
  return Buffer.concat([Buffer.from([0x40, name.length]), Buffer.from(name), Buffer.from([0x7f, (rest & 0x7f) | 0x80, rest >> 7]), value]);
};

const headers = (id: number, block: Buffer): Buffer =>
  frame({ type: FrameType.HEADERS, flags: END_HEADERS | END_STREAM, stream: id }, block);

/** One large entry, then requests of a hundred bytes that name it again and again. */
const bomb =
  (acknowledge: boolean) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port, { acknowledge });
    const entry = indexedLiteral("x", Buffer.alloc(ENTRY_BYTES, 0x61));
    await wire.send(headers(1, Buffer.concat([PSEUDO, entry])));
    const references = Buffer.concat([PSEUDO, Buffer.alloc(REFERENCES, NEWEST)]);
    return stream(wire, BOMB_STREAMS, (id) => [headers(id + 2, references)]);
  };

/** Header lists that the server says are too large, each of many fields. */
const LIST_STREAMS = 2_000;
const manyFields: typeof REQUEST = [...REQUEST, ...Array.from({ length: 200 }, (_, i) => [`x-${i}`, "y".repeat(60)] as const)];

const TABLE_SWITCHES = 20;
/** As many settings as a frame holds, the header table's size back and forth. */
const switching = settingsFrame(Array.from({ length: TABLE_SWITCHES }, (_, i) => [1, i % 2 === 0 ? 0 : 4096] as const));

const once =
  (...frames: readonly Buffer[]) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    await wire.send(...frames);
    await wire.flush();
    return wire;
  };

export const SIZES: readonly Attack[] = [
  { name: "HPACK bomb", ends: CALM, run: bomb(true) },
  { name: "HPACK bomb, settings never acknowledged", ends: { goaway: [...CALM.goaway, ErrorCode.SETTINGS_TIMEOUT] }, run: bomb(false) },
  {
    name: "huge header lists, one a stream",
    ends: { reset: ErrorCode.ENHANCE_YOUR_CALM },
    run: async (port) => stream(await greetedWire(port), LIST_STREAMS, (id) => [headersFrame(id, manyFields, END_STREAM)]),
  },
  {
    name: "SETTINGS that change the table again and again",
    ends: CALM,
    run: async (port) => stream(await greetedWire(port), 50_000, () => [switching]),
  },
  {
    name: "a window above 2^31-1",
    ends: { goaway: [ErrorCode.FLOW_CONTROL_ERROR] },
    run: once(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(0x7fffffff))),
  },
  {
    name: "a frame of 16 MB",
    ends: { goaway: [ErrorCode.FRAME_SIZE_ERROR] },
    run: once(headersFrame(1, REQUEST), frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(0xffffff))),
  },
  { name: "streams with even numbers", ends: BREACH, run: once(headersFrame(2, REQUEST, END_STREAM)) },
  {
    name: "a stream below the last one",
    ends: { goaway: [ErrorCode.PROTOCOL_ERROR, ErrorCode.STREAM_CLOSED] },
    run: once(headersFrame(1001, REQUEST, END_STREAM), headersFrame(7, REQUEST, END_STREAM)),
  },
];
