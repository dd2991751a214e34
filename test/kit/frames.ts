// HTTP/2 by hand: frames as bytes, for peers that do what no library does. Header blocks are literals without compression.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

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
export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const frame = ({ type, flags, stream }: Omit<Frame, "payload">, payload: Uint8Array = new Uint8Array(0)): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const prefixed = (length: number): Buffer => {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  for (let rest = length - 127; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
};

const literal = (text: string): Buffer => Buffer.concat([prefixed(Buffer.byteLength(text)), Buffer.from(text)]);

/** Every field a literal that is not indexed (RFC 7541 §6.2.2). */
export const headerBlock = (fields: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])));

export const POST: readonly (readonly [string, string])[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "x:80"],
  [":path", "/p"],
];

export const headersFrame = (stream: number, fields: readonly (readonly [string, string])[] = POST, flags = 0): Buffer =>
  frame({ type: FrameType.HEADERS, flags: flags | END_HEADERS, stream: stream }, headerBlock(fields));

export const settingsFrame = (pairs: readonly (readonly [number, number])[] = [], flags = 0): Buffer =>
  frame(
    { type: FrameType.SETTINGS, flags: flags, stream: 0 },
    Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))),
  );

export const resetFrame = (stream: number, code: number): Buffer =>
  frame({ type: FrameType.RST_STREAM, flags: 0, stream: stream }, uint32(code));

/** A socket that speaks in frames. */
export class RawPeer {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  closed = false;
  #rest = Buffer.alloc(0);
  /** Bytes before the first frame. */
  #skip: number;

  constructor(socket: Socket, skip = 0) {
    this.socket = socket;
    this.#skip = skip;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
    });
    socket.on("data", (chunk) => this.#read(chunk));
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** The first frame that fits, also one that is here already; undefined when the peer hangs up without it. */
  async until(fits: (frame: Frame) => boolean): Promise<Frame | undefined> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found || this.closed) return found;
      await this.#news();
    }
  }

  async gone(): Promise<void> {
    while (!this.closed) await this.#news();
  }

  /** More bytes, or the end. */
  #news(): Promise<void> {
    return new Promise((come) => {
      this.socket.once("data", () => come());
      this.socket.once("close", () => come());
    });
  }

  #read(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
    }
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      this.frames.push({ type: bytes[3]!, flags: bytes[4]!, stream: bytes.readUInt32BE(5) & 0x7fffffff, payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

/** A client that has sent preface and SETTINGS, and acknowledges the server's. */
export const rawClient = async (t: TestContext, port: number): Promise<RawPeer> => {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  const peer = new RawPeer(socket);
  await once(socket, "connect");
  peer.send(PREFACE, settingsFrame());
  await peer.until(({ type, flags }) => type === FrameType.SETTINGS && flags === 0);
  peer.send(settingsFrame([], ACK));
  return peer;
};
