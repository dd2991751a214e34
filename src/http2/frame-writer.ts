// Frames on their way out. They are gathered in one buffer until the connection writes them, all at once; a large payload is not copied,
// but goes as a piece of its own.
import { Flag, FRAME_BYTES_MAX, FRAME_HEAD_BYTES, FrameType } from "./frame.ts";

/** A buffer to gather in. When it is full a new one is made, since what was written belongs to the socket: larger where much is written. */
const ROOM_BYTES_MIN = 512;
const ROOM_BYTES_MAX = 16_384;
/** Larger payloads go as they are: one more piece costs about as much as copying this. */
const COPY_BYTES_MAX = 4096;
/** Up to here a loop is faster than `set`. */
const LOOP_BYTES_MAX = 48;

const NO_STREAM = 0;

export class FrameWriter {
  #bytes: Buffer = Buffer.alloc(0);
  /** What was not taken yet begins here. */
  #start = 0;
  #at = 0;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** The stream whose DATA frame is the last that was written, where its head is, and the length that stands there. */
  #lastStream = NO_STREAM;
  #lastBytes: Buffer = this.#bytes;
  #lastHead = 0;
  #lastLength = 0;
  #roomBytes = ROOM_BYTES_MIN;

  /** Bytes that wait to be taken. */
  get waiting(): number {
    return this.#pieceBytes + this.#at - this.#start;
  }

  /** What waits, in its order; it belongs to the caller. */
  take(): readonly Uint8Array[] {
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#lastStream = NO_STREAM;
    return pieces;
  }

  /** DATA, given their payload by `payload`, `length` bytes in all. They go on in the stream's last frame where that is the last of all. */
  data(stream: number, length: number): void {
    if (this.#lastStream === stream && this.#lastLength + length <= FRAME_BYTES_MAX) {
      this.#lastLength += length;
      putLength(this.#lastBytes, this.#lastHead, this.#lastLength);
      return;
    }
    this.#reserve(FRAME_HEAD_BYTES + (length > COPY_BYTES_MAX ? 0 : length));
    this.#lastStream = stream;
    this.#lastBytes = this.#bytes;
    this.#lastHead = this.#at;
    this.#lastLength = length;
    this.#head(length, FrameType.DATA << 8, stream);
  }

  /** A part of the payload: of `chunk` the bytes between `from` and `to`. */
  payload(chunk: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > COPY_BYTES_MAX) {
      this.#seal();
      this.#pieces.push(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
      this.#pieceBytes += length;
      return;
    }
    this.#reserve(length);
    const bytes = this.#bytes;
    const at = this.#at;
    if (length <= LOOP_BYTES_MAX) for (let i = 0; i < length; i++) bytes[at + i] = chunk[from + i]!;
    else bytes.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), at);
    this.#at = at + length;
  }

  /** END_STREAM on the stream's last DATA frame, where that is the last frame of all and has not been taken; else on an empty one. */
  endData(stream: number): void {
    if (this.#lastStream !== stream) this.data(stream, 0);
    this.#lastBytes[this.#lastHead + 4] = Flag.END_STREAM;
    this.#lastStream = NO_STREAM;
  }

  /** Room for a HEADERS frame whose block has at most `blockBytesMax`: where the block begins in `room`. */
  beginBlock(blockBytesMax: number): number {
    this.#reserve(FRAME_HEAD_BYTES + blockBytesMax);
    return this.#at + FRAME_HEAD_BYTES;
  }
  get room(): Buffer {
    return this.#bytes;
  }
  /** The block ends at `end`: the frame becomes part of what waits. Left out: there is no frame. `flags` are those beside END_HEADERS. */
  endBlock(stream: number, flags: number, end: number): void {
    this.#lastStream = NO_STREAM;
    const length = end - this.#at - FRAME_HEAD_BYTES;
    if (length > FRAME_BYTES_MAX) {
      this.#longBlock(stream, flags, Buffer.from(this.#bytes.subarray(this.#at + FRAME_HEAD_BYTES, end)));
      return;
    }
    this.#head(length, (FrameType.HEADERS << 8) | Flag.END_HEADERS | flags, stream);
    this.#at = end;
  }

  /** A small frame with this payload. `typeAndFlags` is the type's byte and then the flags'. */
  frame(typeAndFlags: number, stream: number, payload: Uint8Array): void {
    this.#lastStream = NO_STREAM;
    this.#reserve(FRAME_HEAD_BYTES + payload.length);
    this.#head(payload.length, typeAndFlags, stream);
    this.#bytes.set(payload, this.#at);
    this.#at += payload.length;
  }

  /** Identifiers and values. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    const payload = Buffer.alloc(pairs.length * 6);
    for (const [at, [id, value]] of pairs.entries()) {
      payload.writeUInt16BE(id, at * 6);
      payload.writeUInt32BE(value, at * 6 + 2);
    }
    this.frame(FrameType.SETTINGS << 8, 0, payload);
  }

  settingsAck(): void {
    this.frame((FrameType.SETTINGS << 8) | Flag.ACK, 0, NOTHING);
  }

  reset(stream: number, code: number): void {
    this.#number(FrameType.RST_STREAM, stream, code);
  }

  windowUpdate(stream: number, bytes: number): void {
    this.#number(FrameType.WINDOW_UPDATE, stream, bytes);
  }

  goaway(lastStream: number, code: number, why: string): void {
    const payload = Buffer.alloc(8 + why.length);
    payload.writeUInt32BE(lastStream);
    payload.writeUInt32BE(code, 4);
    payload.write(why, 8, "latin1");
    this.frame(FrameType.GOAWAY << 8, 0, payload);
  }

  /** Bytes that are no frame: the preface. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** HEADERS and as many CONTINUATIONs as are needed: every peer takes frames of FRAME_BYTES_MAX. */
  #longBlock(stream: number, flags: number, block: Buffer): void {
    this.frame((FrameType.HEADERS << 8) | flags, stream, block.subarray(0, FRAME_BYTES_MAX));
    for (let at = FRAME_BYTES_MAX; at < block.length; at += FRAME_BYTES_MAX) {
      const last = at + FRAME_BYTES_MAX >= block.length ? Flag.END_HEADERS : 0;
      this.frame((FrameType.CONTINUATION << 8) | last, stream, block.subarray(at, at + FRAME_BYTES_MAX));
    }
  }

  #number(type: number, stream: number, value: number): void {
    this.#lastStream = NO_STREAM;
    this.#reserve(FRAME_HEAD_BYTES + 4);
    this.#head(4, type << 8, stream);
    this.#at = this.#bytes.writeUInt32BE(value, this.#at);
  }

  #head(length: number, typeAndFlags: number, stream: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    putLength(bytes, at, length);
    bytes[at + 3] = typeAndFlags >>> 8;
    bytes[at + 4] = typeAndFlags;
    bytes[at + 5] = stream >>> 24;
    bytes[at + 6] = stream >>> 16;
    bytes[at + 7] = stream >>> 8;
    bytes[at + 8] = stream;
    this.#at = at + FRAME_HEAD_BYTES;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    this.#seal();
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(this.#roomBytes, bytes));
    this.#roomBytes = Math.min(ROOM_BYTES_MAX, 2 * this.#roomBytes);
    this.#start = 0;
    this.#at = 0;
  }

  #seal(): void {
    if (this.#at === this.#start) return;
    this.#pieces.push(this.#bytes.subarray(this.#start, this.#at));
    this.#pieceBytes += this.#at - this.#start;
    this.#start = this.#at;
  }
}

const putLength = (bytes: Buffer, at: number, length: number): void => {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
};

const NOTHING = new Uint8Array(0);
