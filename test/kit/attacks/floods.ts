// Floods: frames that cost the sender little, again and again.
import { END_HEADERS, END_STREAM, FrameType, frame, headersFrame, resetFrame, settingsFrame, uint32 } from "../frames.ts";
import { type Attack, ErrorCode, REQUEST, stream } from "./attack.ts";
import { greetedWire, type Wire } from "./wire.ts";

const FRAMES = 150_000;
const STREAMS = 30_000;
const CALM = { goaway: [ErrorCode.ENHANCE_YOUR_CALM] } as const;
/** Servers may see a breach of the protocol in it before they see a flood. */
const CALM_OR_BREACH = { goaway: [ErrorCode.ENHANCE_YOUR_CALM, ErrorCode.PROTOCOL_ERROR, ErrorCode.STREAM_CLOSED] } as const;

const PING = frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8));
const EMPTY_DATA = frame({ type: FrameType.DATA, flags: 0, stream: 1 });
const WIDEN_BY_ONE = frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(1));
const PRIORITY = frame({ type: FrameType.PRIORITY, flags: 0, stream: 3 }, Buffer.alloc(5));
const UNKNOWN = frame({ type: 0x42, flags: 0, stream: 0 });
const data = (id: number, bytes: number, flags = 0): Buffer => frame({ type: FrameType.DATA, flags, stream: id }, Buffer.alloc(bytes));

const flood =
  (frames: (id: number) => readonly Buffer[], count = FRAMES) =>
  async (port: number): Promise<Wire> =>
    stream(await greetedWire(port), count, frames);

/** With an open stream. */
const floodOpen =
  (frame: Buffer) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    await wire.send(headersFrame(1, REQUEST));
    return stream(wire, FRAMES, () => [frame]);
  };

/** By one who does not read until all is sent, or nothing more is taken. */
const floodDeaf =
  (frame: Buffer) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    wire.deafen();
    await stream(wire, FRAMES, () => [frame]);
    wire.hear(); // What has become of it.
    return wire;
  };

const continuations =
  (bytes: number) =>
  async (port: number): Promise<Wire> => {
    const wire = await greetedWire(port);
    await wire.send(frame({ type: FrameType.HEADERS, flags: 0, stream: 1 }, Buffer.from([0x82])));
    const next = frame({ type: FrameType.CONTINUATION, flags: 0, stream: 1 }, Buffer.alloc(bytes, 0x82));
    return stream(wire, FRAMES, () => [next]);
  };

const withLength: typeof REQUEST = [...REQUEST, ["content-length", "1"]];

export const FLOODS: readonly Attack[] = [
  {
    name: "rapid reset",
    ends: CALM,
    run: flood((id) => [headersFrame(id, REQUEST, END_STREAM), resetFrame(id, ErrorCode.CANCEL)], STREAMS),
  },
  {
    name: "made you reset: more body than content-length",
    ends: CALM,
    run: flood((id) => [headersFrame(id, withLength), data(id, 2)], STREAMS),
  },
  {
    name: "made you reset: a window that grows by nothing",
    ends: CALM_OR_BREACH,
    run: flood((id) => [headersFrame(id, REQUEST), frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: id }, uint32(0))], STREAMS),
  },
  {
    name: "made you reset: DATA after the end",
    ends: CALM_OR_BREACH,
    run: flood((id) => [headersFrame(id, REQUEST, END_STREAM), data(id, 1)], STREAMS),
  },
  { name: "streams that never end", ends: CALM, run: flood((id) => [headersFrame(id, REQUEST)], FRAMES) },
  {
    name: "a malformed header in every request",
    ends: CALM_OR_BREACH,
    run: flood((id) => [headersFrame(id, [...REQUEST, ["Upper", "x"]], END_STREAM)], STREAMS),
  },
  { name: "CONTINUATION without end", ends: CALM, run: continuations(1_000) },
  { name: "empty CONTINUATION without end", ends: CALM, run: continuations(0) },
  { name: "PING flood", ends: CALM, run: flood(() => [PING]) },
  { name: "PING flood, not reading", ends: CALM, run: floodDeaf(PING) },
  { name: "SETTINGS flood", ends: CALM, run: flood(() => [settingsFrame([[4, 65_535]])]) },
  { name: "SETTINGS flood, not reading", ends: CALM, run: floodDeaf(settingsFrame()) },
  {
    name: "RST_STREAM flood on one stream",
    ends: CALM_OR_BREACH,
    run: async (port) => {
      const wire = await greetedWire(port);
      await wire.send(headersFrame(1, REQUEST));
      return stream(wire, FRAMES, () => [resetFrame(1, ErrorCode.CANCEL)]);
    },
  },
  { name: "empty DATA flood", ends: CALM_OR_BREACH, run: floodOpen(EMPTY_DATA) },
  { name: "WINDOW_UPDATE flood", ends: CALM, run: flood(() => [WIDEN_BY_ONE]) },
  { name: "PRIORITY flood", ends: CALM, run: flood(() => [PRIORITY]) },
  { name: "flood of frames of an unknown type", ends: CALM, run: flood(() => [UNKNOWN]) },
  {
    name: "empty HEADERS flood",
    ends: { goaway: [ErrorCode.ENHANCE_YOUR_CALM, ErrorCode.PROTOCOL_ERROR] },
    run: flood((id) => [frame({ type: FrameType.HEADERS, flags: END_HEADERS | END_STREAM, stream: id })], STREAMS),
  },
];
