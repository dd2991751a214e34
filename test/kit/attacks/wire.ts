// A connection of an attacker: frames made by hand, written as fast as they are taken, and what the server says to it. It counts rather
// than keeps, since an attack can be answered by millions of frames.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameType, PREFACE, settingsFrame } from "../frames.ts";

const HEAD_BYTES = 9;
/** A server that takes nothing for so long, and does not hang up either. */
const PATIENCE_MS = 15_000;
/** Frames of an attack are gathered into writes of about this. */
const WRITE_BYTES = 16_384;

export interface Answers {
  /** The code of the last GOAWAY. */
  goaway?: number;
  /** Code of RST_STREAM → how many. */
  readonly resets: Map<number, number>;
  /** Bytes that came. */
  bytes: number;
  settings: boolean;
}

export class Wire {
  readonly socket: Socket;
  readonly answers: Answers = { resets: new Map(), bytes: 0, settings: false };
  /** The server has ended it. */
  closed = false;
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of a payload that are still to come. */
  #payloadLeft = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The type of the frame whose payload is wanted; undefined: it is not looked at. */
  #wanted: number | undefined;
  #payload: Buffer = Buffer.alloc(0);
  #changed: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => {
      this.closed = true;
      this.#tell();
    });
  }

  get sentBytes(): number {
    return this.socket.bytesWritten;
  }

  /** GOAWAY or the end has come. */
  get told(): boolean {
    return this.closed || this.answers.goaway !== undefined;
  }

  /** Written soon; true while it goes on. Waits when the server does not read. */
  async send(...frames: readonly Buffer[]): Promise<boolean> {
    for (const frame of frames) {
      this.#pending.push(frame);
      this.#pendingBytes += frame.length;
    }
    if (this.#pendingBytes < WRITE_BYTES) return !this.closed;
    return this.flush();
  }

  async flush(): Promise<boolean> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.closed) return false;
    if (!this.socket.write(bytes) && !(await this.#drained())) return false;
    await new Promise((next) => setImmediate(next)); // What was answered is read.
    return !this.closed;
  }

  /** Reads no more. */
  deafen(): void {
    this.socket.pause();
  }
  hear(): void {
    this.socket.resume();
  }

  /** Waits until that holds, or the connection is closed, or it takes too long. */
  async until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!holds() && !this.closed) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((come) => {
        const timer = setTimeout(come, leftMs);
        this.#changed.push(() => {
          clearTimeout(timer);
          come();
        });
      });
    }
    return holds();
  }

  #drained(): Promise<boolean> {
    return new Promise((settled) => {
      const timer = setTimeout(() => settled(false), PATIENCE_MS);
      const settle = (): void => {
        clearTimeout(timer);
        settled(!this.closed);
      };
      this.socket.once("drain", settle);
      this.socket.once("close", settle);
    });
  }

  #tell(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const come of waiting) come();
  }

  #read(chunk: Buffer): void {
    this.answers.bytes += chunk.length;
    let rest: Buffer = chunk;
    while (rest.length > 0) rest = this.#payloadLeft > 0 ? this.#take(rest) : this.#begin(rest);
    this.#tell();
  }

  #begin(bytes: Buffer): Buffer {
    const need = HEAD_BYTES - this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, need)]);
    if (this.#head.length === HEAD_BYTES) {
      const type = this.#head[3]!;
      const flags = this.#head[4]!;
      this.#payloadLeft = this.#head.readUIntBE(0, 3);
      this.#wanted = type === FrameType.GOAWAY || type === FrameType.RST_STREAM ? type : undefined;
      this.#payload = Buffer.alloc(0);
      if (type === FrameType.SETTINGS && flags === 0) this.answers.settings = true;
      this.#head = Buffer.alloc(0);
    }
    return bytes.subarray(need);
  }

  #take(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, this.#payloadLeft);
    this.#payloadLeft -= taken.length;
    if (this.#wanted !== undefined) this.#payload = Buffer.concat([this.#payload, taken]);
    if (this.#payloadLeft === 0) this.#told();
    return bytes.subarray(taken.length);
  }

  #told(): void {
    if (this.#wanted === FrameType.GOAWAY) this.answers.goaway = this.#payload.readUInt32BE(4);
    if (this.#wanted !== FrameType.RST_STREAM) return;
    const code = this.#payload.readUInt32BE(0);
    this.answers.resets.set(code, (this.answers.resets.get(code) ?? 0) + 1);
  }
}

/** A connection on which nothing was said. */
export const silentWire = async (port: number): Promise<Wire> => {
  const socket = connect(port, "127.0.0.1");
  const wire = new Wire(socket);
  await once(socket, "connect");
  return wire;
};

/** One that has greeted, and acknowledged the server's settings unless it is told not to. */
export const greetedWire = async (
  port: number,
  {
    settings = [],
    acknowledge = true,
  }: { readonly settings?: readonly (readonly [number, number])[]; readonly acknowledge?: boolean } = {},
): Promise<Wire> => {
  const wire = await silentWire(port);
  wire.socket.write(Buffer.concat([PREFACE, settingsFrame(settings)]));
  await wire.until(() => wire.answers.settings, 10_000);
  if (acknowledge) wire.socket.write(settingsFrame([], 1));
  return wire;
};
