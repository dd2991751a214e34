// Slowness: peers that say nothing, or half of something, or a little at a time, and peers that do not read.
import { ACK, END_STREAM, FrameType, frame, headersFrame, PREFACE, settingsFrame, uint32 } from "../frames.ts";
import { LARGE_PATH } from "../plain-service.ts";
import { type Attack, ErrorCode, REQUEST, requestTo, stream } from "./attack.ts";
import { greetedWire, silentWire, type Wire } from "./wire.ts";

const LORIS_MS = 15_000;
const TIMEOUT = [ErrorCode.SETTINGS_TIMEOUT, ErrorCode.NO_ERROR] as const;
const CALM = [ErrorCode.ENHANCE_YOUR_CALM] as const;
const LARGE = requestTo(LARGE_PATH);

const says =
  (...bytes: readonly Buffer[]) =>
  async (port: number): Promise<Wire> => {
    const wire = await silentWire(port);
    if (bytes.length > 0) wire.socket.write(Buffer.concat(bytes));
    return wire;
  };

const greetedSays =
  (...bytes: readonly Buffer[]) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    wire.socket.write(Buffer.concat(bytes));
    return wire;
  };

/** The same again every `everyMs`, until the connection is ended or it has been long enough. */
const paced =
  (bytes: Buffer, everyMs: number) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    const timer = setInterval(() => wire.socket.write(bytes), everyMs);
    wire.socket.once("close", () => clearInterval(timer));
    return wire;
  };

/** A header block of which a byte comes now and then. */
const trickled = async (port: number): Promise<Wire> => {
  const wire = await greetedWire(port);
  const block = headersFrame(1, REQUEST);
  let at = 0;
  const timer = setInterval(() => {
    if (at < block.length - 1) wire.socket.write(block.subarray(at, at + 1));
    at += 1;
  }, 500);
  wire.socket.once("close", () => clearInterval(timer));
  return wire;
};

/** How long a reply may stand still, twice over: a server first has to see that there is no progress. */
const STALL_MS = 75_000;
const REPLIES = 500;

/** Asks for large replies and gives them no window. */
const zeroWindow = async (port: number): Promise<Wire> => {
  const wire = await greetedWire(port, { settings: [[4, 0]] });
  return stream(wire, REPLIES, (id) => [headersFrame(id, LARGE, END_STREAM)]);
};

/** Gives them all the window there is, and does not read. */
const deaf = async (port: number): Promise<Wire> => {
  const wire = await greetedWire(port, { settings: [[4, 0x7fffffff]] });
  wire.deafen();
  await wire.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(0x7f000000)));
  // Whoever does not read learns of the end only by what it sends.
  const timer = setInterval(() => wire.socket.write(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(1))), 1_000);
  wire.socket.once("close", () => clearInterval(timer));
  return stream(wire, REPLIES, (id) => [headersFrame(id, LARGE, END_STREAM)]);
};

/** Has a large reply cut into frames of one byte. */
const UPDATES = 200_000;
const byteByByte = async (port: number): Promise<Wire> => {
  const wire = await greetedWire(port, { settings: [[4, 0]] });
  await wire.send(headersFrame(1, LARGE, END_STREAM));
  const one = frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 1 }, uint32(1));
  return stream(wire, UPDATES, () => [one]);
};

const PING = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
const half = (whole: Buffer): Buffer => whole.subarray(0, whole.length >> 1);
const openBlock = frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, Buffer.from([0x83]));

export const SLOW: readonly Attack[] = [
  { name: "silent", ends: { goaway: TIMEOUT }, waitsMs: LORIS_MS, run: says() },
  { name: "half a preface", ends: { goaway: TIMEOUT }, waitsMs: LORIS_MS, run: says(half(PREFACE)) },
  { name: "a preface and nothing more", ends: { goaway: TIMEOUT }, waitsMs: LORIS_MS, run: says(PREFACE) },
  { name: "settings never acknowledged", ends: { goaway: TIMEOUT }, waitsMs: LORIS_MS, run: says(PREFACE, settingsFrame()) },
  { name: "half a frame", ends: { goaway: CALM }, waitsMs: LORIS_MS, run: greetedSays(half(headersFrame(1, REQUEST))) },
  { name: "half a header block", ends: { goaway: CALM }, waitsMs: LORIS_MS, run: greetedSays(openBlock) },
  { name: "a header block byte by byte", ends: { goaway: CALM }, waitsMs: LORIS_MS, run: trickled },
  {
    name: "half a body",
    ends: { goaway: CALM },
    waitsMs: LORIS_MS,
    run: greetedSays(headersFrame(1, REQUEST), half(frame({ type: FrameType.DATA, flags: 0, stream: 1 }, Buffer.alloc(100)))),
  },
  { name: "a PING ten times a second", ends: { goaway: CALM }, waitsMs: LORIS_MS, run: paced(PING, 100) },
  {
    name: "SETTINGS ten times a second",
    ends: { goaway: CALM },
    waitsMs: LORIS_MS,
    run: paced(Buffer.concat([settingsFrame(), settingsFrame([], ACK)]), 100),
  },
  { name: "large replies without a window", ends: { reset: ErrorCode.CANCEL }, waitsMs: STALL_MS, run: zeroWindow },
  {
    name: "large replies that nobody reads",
    ends: { goaway: [ErrorCode.NO_ERROR, ErrorCode.ENHANCE_YOUR_CALM] },
    waitsMs: STALL_MS,
    run: deaf,
  },
  { name: "a large reply byte by byte", ends: { goaway: CALM }, run: byteByByte },
];
