// What a frame must be like whatever the state of its connection (RFC 9113 §6): on a stream or not, and how long. What breaks it ends the
// connection.
import { ConnectionError, ErrorCode, tooMuch } from "./codes.ts";
import { Flag, FRAME_BYTES_MAX, type Frame, FrameType, UINT31_MAX } from "./frame.ts";
import { SETTINGS_PER_FRAME_MAX } from "./limits.ts";

interface Rule {
  /** Which streams it may name. */
  readonly on: "stream" | "connection" | "either";
  readonly lengthMin: number;
  readonly lengthMax: number;
}

const rule = (on: Rule["on"], lengthMin = 0, lengthMax = FRAME_BYTES_MAX): Rule => ({ on, lengthMin, lengthMax });

/** By type. */
const RULES: readonly Rule[] = [
  rule("stream"), // DATA
  rule("stream"), // HEADERS
  rule("stream", 5, 5), // PRIORITY
  rule("stream", 4, 4), // RST_STREAM
  rule("connection"), // SETTINGS
  rule("stream"), // PUSH_PROMISE
  rule("connection", 8, 8), // PING
  rule("connection", 8), // GOAWAY
  rule("either", 4, 4), // WINDOW_UPDATE
  rule("stream"), // CONTINUATION
];

export const checkFrame = ({ type, stream, length }: Frame): void => {
  const known = RULES[type];
  if (known === undefined) return;
  if (stream === 0 ? known.on === "stream" : known.on === "connection")
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `a frame of type ${type} is on stream ${stream}`);
  if (length < known.lengthMin || length > known.lengthMax)
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `a frame of type ${type} has ${length} bytes`);
};

/** Padding is cut off, and the fields of priority that nobody looks at: between which bytes the payload is. */
export const unpadded = ({ type, flags, stream, bytes, from, to }: Frame): { readonly from: number; readonly to: number } => {
  let begin = from;
  let end = to;
  if ((flags & Flag.PADDED) !== 0) {
    if (begin === end) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a padded frame has no length of its padding");
    end -= bytes[begin]!;
    begin += 1;
  }
  if (type === FrameType.HEADERS && (flags & Flag.PRIORITY) !== 0) {
    if (end - begin < 5) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "HEADERS end inside of their priority");
    checkDependency(stream, bytes.readUInt32BE(begin));
    begin += 5;
  }
  if (begin > end) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a frame has more padding than payload");
  return { from: begin, to: end };
};

/** Priorities are not followed (RFC 9113 §5.3), but a stream that depends on itself is none. */
export const checkDependency = (stream: number, dependency: number): void => {
  if ((dependency & UINT31_MAX) === stream) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `stream ${stream} depends on itself`);
};

export const SettingId = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** The settings of a frame in their order, checked. */
export const settingsOf = ({ bytes, from, to, length }: Frame): [id: number, value: number][] => {
  if (length % 6 !== 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `SETTINGS have ${length} bytes`);
  if (length / 6 > SETTINGS_PER_FRAME_MAX) throw tooMuch("settings", "too many settings");
  const settings: [number, number][] = [];
  for (let at = from; at < to; at += 6) {
    const id = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    checkSetting(id, value);
    settings.push([id, value]);
  }
  return settings;
};

const checkSetting = (id: number, value: number): void => {
  if (id === SettingId.ENABLE_PUSH && value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `ENABLE_PUSH is ${value}`);
  if (id === SettingId.INITIAL_WINDOW_SIZE && value > UINT31_MAX)
    throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, `INITIAL_WINDOW_SIZE is ${value}`);
  if (id === SettingId.MAX_FRAME_SIZE && (value < FRAME_BYTES_MAX || value > 0xffffff))
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `MAX_FRAME_SIZE is ${value}`);
};
