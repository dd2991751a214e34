// The frames of HTTP/2 (RFC 9113 §4, §6) as they come: one loop over the chunks of a connection. What is whole is given on where it lies;
// only what a chunk leaves unfinished is kept, and of DATA not even that.

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const FRAME_HEAD_BYTES = 9;
/** What a peer may send in one frame: SETTINGS_MAX_FRAME_SIZE's default, which nobody has to be told. */
export const FRAME_BYTES_MAX = 16_384;
/** The largest number of a stream and the largest window. */
export const UINT31_MAX = 0x7fffffff;

/** A frame as the sink sees it: the same object each time. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Of the payload, as the frame's head says. */
  readonly length: number;
  /** The payload, or a part of it, is `bytes` between `from` and `to`. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** A DATA frame may come in parts; other frames begin and end at once. */
  readonly begins: boolean;
  readonly ends: boolean;
}

export interface FrameSink {
  /** May throw, and may call `stop`. */
  frame(frame: Frame): void;
  /** The head of a frame that is longer than FRAME_BYTES_MAX: must throw. */
  tooLong(frame: Frame): void;
}

const NO_BYTES = Buffer.alloc(0);

/** Cuts frames out of chunks. After a throw of the sink it is of no more use. */
export class FrameReader implements Frame {
  readonly #sink: FrameSink;
  type = 0;
  flags = 0;
  stream = 0;
  length = 0;
  bytes: Buffer = NO_BYTES;
  from = 0;
  to = 0;
  begins = true;
  ends = true;
  /** The beginning of a frame, its head included. */
  #rest: Buffer = NO_BYTES;
  /** What is still to come of a DATA frame that has begun. */
  #missing = 0;
  #stopped = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Whether a frame has begun and not ended. */
  get within(): boolean {
    return this.#missing > 0 || this.#rest.length > 0;
  }

  /** Nothing is given on any more, not even of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#rest = NO_BYTES;
    this.#missing = 0;
  }

  read(chunk: Buffer): void {
    if (this.#stopped) return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NO_BYTES;
    const end = bytes.length;
    let at = this.#missing > 0 ? this.#goOn(bytes) : 0;
    while (end - at >= FRAME_HEAD_BYTES && !this.#stopped) {
      this.#readHead(bytes, at);
      const from = at + FRAME_HEAD_BYTES;
      if (end - from < this.length && !this.#mayBeParted(end - from)) break;
      at = Math.min(end, from + this.length);
      this.#missing = from + this.length - at;
      this.#give(bytes, from, at);
    }
    if (at < end && !this.#stopped) this.#rest = at === 0 ? bytes : bytes.subarray(at);
  }

  /** The next part of a DATA frame; where it ends. */
  #goOn(bytes: Buffer): number {
    const to = Math.min(bytes.length, this.#missing);
    this.#missing -= to;
    this.begins = false;
    this.#give(bytes, 0, to);
    this.begins = true;
    return to;
  }

  #readHead(bytes: Buffer, at: number): void {
    this.length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    this.type = bytes[at + 3]!;
    this.flags = bytes[at + 4]!;
    this.stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
    if (this.length > FRAME_BYTES_MAX) this.#sink.tooLong(this);
  }

  /** Of padding it is not known where it begins before all is there. */
  #mayBeParted(bytes: number): boolean {
    return this.type === FrameType.DATA && bytes > 0 && (this.flags & Flag.PADDED) === 0;
  }

  #give(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.ends = this.#missing === 0;
    this.#sink.frame(this);
    this.bytes = NO_BYTES; // A connection at rest keeps no chunk.
  }
}
