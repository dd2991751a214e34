// Cuts the messages out of a body that comes in chunks of any size. A message that lies in one chunk is a view of it; one that does not
// is gathered in a buffer that grows with what has come, never with what a prefix promises.
import { EMPTY } from "../../core/bytes.ts";
import { fail } from "../../core/status.ts";
import type { Message } from "../../ports/grpc.ts";
import type { Batch } from "../../ports/service.ts";
import { decompressed, type Encoding } from "./compression.ts";
import type { GrpcLimits } from "./config.ts";
import { PREFIX_BYTES } from "./frame.ts";

/** The first room for a message in pieces. */
const GATHER_BYTES_MIN = 16 * 1024;

/** What a batch may hold: see ports/service. */
const BATCH_ITEMS_MAX = 256;
const BATCH_BYTES_MAX = 256 * 1024;

/** One direction of a call. After it has thrown it is of no more use. */
export class Cutter {
  readonly #encoding: Encoding;
  readonly #limits: GrpcLimits;
  /** How many bytes of the prefix have come; all of them while a message is under way. */
  #seen = 0;
  #flag = 0;
  #length = 0;
  #room: Buffer | undefined;
  #filled = 0;

  constructor(encoding: Encoding, limits: GrpcLimits) {
    this.#encoding = encoding;
    this.#limits = limits;
  }

  /** Appends to `messages` those that this chunk completes. */
  cut(chunk: Uint8Array, messages: Message[]): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#seen < PREFIX_BYTES) {
        at = this.#readPrefix(chunk, at);
        if (this.#seen < PREFIX_BYTES) return;
      }
      const missing = this.#length - this.#filled;
      if (chunk.length - at < missing) {
        if (at < chunk.length) this.#gather(chunk, at);
        return;
      }
      messages.push(this.#complete(chunk, at, at + missing));
      at += missing;
    }
  }

  /** The body has ended. Throws INTERNAL when that is inside a message. */
  end(): void {
    if (this.#seen === 0) return;
    const place =
      this.#seen < PREFIX_BYTES ? `${this.#seen} of ${PREFIX_BYTES} bytes of its prefix` : `${this.#filled} of ${this.#length} bytes`;
    throw fail("INTERNAL", `the body ends inside a message, after ${place}`);
  }

  #readPrefix(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#seen === 0) {
      this.#flag = chunk[at++]!;
      this.#length = 0;
      this.#seen = 1;
    }
    while (this.#seen < PREFIX_BYTES && at < chunk.length) {
      this.#length = this.#length * 256 + chunk[at++]!;
      this.#seen += 1;
    }
    if (this.#seen < PREFIX_BYTES) return at;
    if (this.#flag > 1) throw fail("INTERNAL", `a message begins with the flag ${this.#flag}, but 0 or 1 is needed`);
    if (this.#length > this.#limits.messageBytes) throw tooLong(this.#length, this.#limits.messageBytes);
    return at;
  }

  #gather(chunk: Uint8Array, at: number): void {
    const needed = this.#filled + chunk.length - at;
    if (this.#room === undefined || this.#room.length < needed) {
      const grown = Buffer.allocUnsafe(Math.min(this.#length, Math.max(2 * needed, GATHER_BYTES_MIN)));
      if (this.#room) grown.set(this.#room.subarray(0, this.#filled));
      this.#room = grown;
    }
    this.#room.set(at === 0 ? chunk : chunk.subarray(at), this.#filled);
    this.#filled = needed;
  }

  #complete(chunk: Uint8Array, from: number, to: number): Message {
    let bytes = from === to ? EMPTY : chunk.subarray(from, to);
    if (this.#filled > 0) {
      this.#gather(bytes, 0);
      bytes = this.#room!.subarray(0, this.#length);
      this.#room = undefined;
      this.#filled = 0;
    }
    this.#seen = 0;
    return this.#flag === 0 ? bytes : decompressed(bytes, this.#encoding, this.#limits);
  }
}

const tooLong = (bytes: number, bytesMax: number) =>
  fail("RESOURCE_EXHAUSTED", `a message has ${bytes} bytes, more than the limit of ${bytesMax}`);

/** Gives the messages on in batches of the size that ports allow: nearly always one. */
export const inBatches = (messages: readonly Message[], give: (batch: Batch<Message>) => void): void => {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < messages.length; i++) {
    const { length } = messages[i]!;
    if (i > from && (i - from === BATCH_ITEMS_MAX || bytes + length > BATCH_BYTES_MAX)) {
      give(messages.slice(from, i));
      from = i;
      bytes = 0;
    }
    bytes += length;
  }
  if (from < messages.length) give(from === 0 ? messages : messages.slice(from));
};
