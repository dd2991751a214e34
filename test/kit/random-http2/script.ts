// What a client sends on one connection, by chance and within the rules: a number of requests, their frames mixed, header blocks cut in
// pieces, padded, with and without a dynamic table, bodies in frames of any size, trailers, cancels; and between them PINGs, SETTINGS,
// PRIORITY and frames nobody knows.
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import type { Dice } from "../differential/dice.ts";
import { END_HEADERS, END_STREAM, FrameType, frame, headerBlock, resetFrame, settingsFrame, uint32 } from "../frames.ts";
import { pathOf, type Wanted } from "./service.ts";

export type Fields = readonly (readonly [name: string, value: string])[];

export interface ScriptedRequest {
  readonly id: number;
  readonly wanted: Wanted;
  readonly headers: Fields;
  readonly body: Buffer;
  readonly cancelled: boolean;
}

/** A server on node:http2 turns for ever when it resets a stream with bytes on their way: there, what is to be reset has no body. */
export type Resets = "any" | "empty";

export interface Script {
  readonly requests: readonly ScriptedRequest[];
  /** Whole frames, in their order. */
  readonly frames: readonly Buffer[];
}

const PADDED = 0x8;
const PRIORITY = 0x20;
const BLOCK_BYTES_MAX = 16_000;
/** All of a connection's together stay below the window that every peer has at first. */
const BODY_BYTES_MAX = 6_000;
const REQUESTS_MAX = 10;
const UNKNOWN_TYPE = 0x51;

const textOf = (dice: Dice, most: number): string =>
  Array.from({ length: dice.between(0, most) }, () => String.fromCharCode(dice.between(0x21, 0x7e))).join("");

const headersOf = (dice: Dice): Fields =>
  Array.from(
    { length: dice.between(0, 6) },
    () => [`x-${dice.oneOf(["a", "b", "trace", "bin"])}`, textOf(dice, dice.chance(0.05) ? 1_500 : 20)] as const,
  );

const wantedOf = (dice: Dice, resets: Resets): Wanted => {
  const end = dice.oneOf(["end", "end", "end", "headers", "reset"] as const);
  const bytes = dice.chance(0.2) ? dice.between(0, 60_000) : dice.between(0, 300);
  return { bytes: end === "reset" && resets === "empty" ? 0 : bytes, chunks: dice.between(1, 8), trailers: dice.between(0, 3), end };
};

const requestOf = (dice: Dice, id: number, resets: Resets): ScriptedRequest => ({
  id,
  wanted: wantedOf(dice, resets),
  headers: headersOf(dice),
  body: Buffer.alloc(dice.chance(0.3) ? 0 : dice.between(0, dice.chance(0.3) ? BODY_BYTES_MAX : 100), id),
  cancelled: dice.chance(0.15),
});

/** Makes header blocks, all of one connection in their order. */
type Encode = (fields: Fields) => Buffer;

const encoderOf = (dice: Dice): Encode => {
  if (dice.chance(0.3)) return headerBlock;
  const encoder = new HpackEncoder();
  return (fields) => {
    const room = Buffer.alloc(BLOCK_BYTES_MAX);
    encoder.begin(room, 0);
    for (const [name, value] of fields) encoder.field(name, value);
    return Buffer.from(room.subarray(0, encoder.end));
  };
};

export const padded = (dice: Dice, payload: Buffer): { readonly flag: number; readonly bytes: Buffer } => {
  // Padding and nothing else is right, but h2 does not take it.
  if (payload.length === 0 || dice.chance(0.7)) return { flag: 0, bytes: payload };
  const padding = dice.between(0, 255);
  return { flag: PADDED, bytes: Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)]) };
};

/** A HEADERS frame and its CONTINUATIONs: they may not be parted. */
export const headerFrames = (dice: Dice, block: Buffer, { id, flags }: { readonly id: number; readonly flags: number }): Buffer => {
  const cuts = Array.from({ length: dice.chance(0.7) ? 0 : dice.between(1, 4) }, () => dice.between(0, block.length)).sort((a, b) => a - b);
  const pieces = [0, ...cuts].map((from, at) => block.subarray(from, cuts[at] ?? block.length));
  const priority = dice.chance(0.1) ? PRIORITY : 0;
  const first = priority ? Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), pieces[0]!]) : pieces[0]!;
  const { flag, bytes } = padded(dice, first);
  const last = (at: number): number => (at === pieces.length - 1 ? END_HEADERS : 0);
  return Buffer.concat([
    frame({ type: FrameType.HEADERS, flags: flags | flag | priority | last(0), stream: id }, bytes),
    ...pieces.slice(1).map((piece, at) => frame({ type: FrameType.CONTINUATION, flags: last(at + 1), stream: id }, piece)),
  ]);
};

/** The body in pieces, and the end: on the last of them, on an empty frame, or with trailers. */
function* bodyFrames(dice: Dice, { id, body }: ScriptedRequest, encode: Encode): Generator<Buffer> {
  const how = dice.oneOf(["last", "empty", "trailers"] as const);
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, dice.between(1, dice.chance(0.5) ? 50 : BODY_BYTES_MAX));
    const { flag, bytes } = padded(dice, body.subarray(at, at + size));
    at += size;
    yield frame({ type: FrameType.DATA, flags: flag | (at === body.length && how === "last" ? END_STREAM : 0), stream: id }, bytes);
  }
  if (how === "trailers") yield headerFrames(dice, encode([["x-trailer", "1"]]), { id, flags: END_STREAM });
  else if (how === "empty" || body.length === 0) yield frame({ type: FrameType.DATA, flags: END_STREAM, stream: id });
}

function* framesOf(dice: Dice, request: ScriptedRequest, encode: Encode): Generator<Buffer> {
  const { id, wanted, headers, body, cancelled } = request;
  const pseudo: Fields = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", pathOf(wanted)],
    [":authority", "127.0.0.1"],
  ];
  const whole = body.length === 0 && dice.chance(0.5);
  yield headerFrames(dice, encode([...pseudo, ...headers]), { id, flags: whole ? END_STREAM : 0 });
  if (!whole) {
    // A header block that is encoded has to be sent: the next frame is not made before it is wanted.
    for (const rest = bodyFrames(dice, request, encode); !(cancelled && dice.chance(0.5)); ) {
      const { value, done } = rest.next();
      if (done) break;
      yield value;
    }
  }
  if (cancelled) yield resetFrame(id, dice.oneOf([0, 2, 8]));
}

const aside = (dice: Dice): Buffer =>
  dice.oneOf([
    () => frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8, dice.between(0, 255))),
    () => frame({ type: FrameType.PRIORITY, flags: 0, stream: 2 * dice.between(0, 50) + 1 }, Buffer.from([0, 0, 0, 0, 1])),
    () => frame({ type: UNKNOWN_TYPE, flags: dice.between(0, 255), stream: dice.between(0, 5) }, Buffer.alloc(dice.between(0, 40))),
    () => frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(dice.between(1, 10_000))),
    () => settingsFrame([[4, dice.between(0, 100_000)]]),
  ])();

/** Frames beside the requests, of a connection. */
const ASIDES_MAX = 8;

export const scriptOf = (dice: Dice, resets: Resets): Script => {
  const requests = Array.from({ length: dice.between(1, REQUESTS_MAX) }, (_, at) => requestOf(dice, 2 * at + 1, resets));
  const encode = encoderOf(dice);
  const frames: Buffer[] = [];
  const open: Generator<Buffer>[] = [];
  let opened = 0;
  let asides = dice.between(0, ASIDES_MAX);
  while (opened < requests.length || open.length > 0) {
    if (asides > 0 && dice.chance(0.1)) {
      asides -= 1;
      frames.push(aside(dice));
    }
    if (opened < requests.length && (open.length === 0 || dice.chance(0.3))) {
      const begun = framesOf(dice, requests[opened++]!, encode);
      frames.push(begun.next().value);
      open.push(begun);
      continue;
    }
    const turn = dice.between(0, open.length - 1);
    const { value, done } = open[turn]!.next();
    if (done) open.splice(turn, 1);
    else frames.push(value);
  }
  return { requests, frames };
};
