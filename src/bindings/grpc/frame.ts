// gRPC's length-prefixed messages, outwards (PROTOCOL-HTTP2, "Length-Prefixed-Message"): a flag byte, four bytes of length, the message.
import type { Message } from "../../ports/grpc.ts";
import type { Batch } from "../../ports/service.ts";

export const PREFIX_BYTES = 5;
/** Up to here messages are copied behind one another into one chunk; a longer one goes as it is, after its prefix. */
const COPY_BYTES_MAX = 4096;
/** Up to here a loop is faster than `set`. */
const LOOP_BYTES_MAX = 48;

/** What was framed last: a message that goes to many callers is framed once. */
let lastMessage: Message | undefined;
let lastChunks: Batch<Uint8Array> = [];

/** The messages with their prefixes, uncompressed, as chunks. Nothing is copied of a large message. */
export const framed = (batch: Batch<Message>): Batch<Uint8Array> => {
  const first = batch[0]!;
  if (batch.length > 1 || first.length > COPY_BYTES_MAX) return chunksOf(batch);
  if (first !== lastMessage) {
    const chunk = Buffer.allocUnsafe(PREFIX_BYTES + first.length);
    putMessage(chunk, first, putPrefix(chunk, first.length, 0));
    lastMessage = first;
    lastChunks = [chunk];
  }
  return lastChunks;
};

const chunksOf = (batch: Batch<Message>): Batch<Uint8Array> => {
  const copied = Buffer.allocUnsafe(copiedBytes(batch));
  const chunks: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  for (const message of batch) {
    at = putPrefix(copied, message.length, at);
    if (message.length <= COPY_BYTES_MAX) {
      at = putMessage(copied, message, at);
      continue;
    }
    chunks.push(copied.subarray(from, at), message);
    from = at;
  }
  if (from < at) chunks.push(copied.subarray(from, at));
  return chunks;
};

const copiedBytes = (batch: Batch<Message>): number => {
  let bytes = 0;
  for (const { length } of batch) bytes += length <= COPY_BYTES_MAX ? PREFIX_BYTES + length : PREFIX_BYTES;
  return bytes;
};

const putPrefix = (chunk: Buffer, length: number, at: number): number => {
  chunk[at] = 0;
  return chunk.writeUInt32BE(length, at + 1);
};

const putMessage = (chunk: Buffer, message: Message, at: number): number => {
  const { length } = message;
  if (length <= LOOP_BYTES_MAX) for (let i = 0; i < length; i++) chunk[at + i] = message[i]!;
  else chunk.set(message, at);
  return at + length;
};
