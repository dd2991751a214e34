// A connection of HTTP/2 (RFC 9113), either end: its socket, what goes out, its streams, and how it ends. What comes in is incoming.ts;
// what a stream or a request means is its edge's business.
import type { Duplex } from "node:stream";
import { StatusError } from "../core/status.ts";
import { ConnectionError, ErrorCode, tooLate } from "./codes.ts";
import type { ConnectionEdge, ConnectionParts } from "./connection-parts.ts";
import type { LimitName } from "./counters.ts";
import { FrameReader, FrameType, UINT31_MAX } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { type Headers, HeaderWriter } from "./header-writer.ts";
import { Incoming, type IncomingOwner } from "./incoming.ts";
import { Life, type Living } from "./life.ts";
import * as limits from "./limits.ts";
import { Output, type OutputEdge } from "./output.ts";
import { PeerSettings, WINDOW_BYTES } from "./peer-settings.ts";
import { PREFACE, Preface } from "./preface.ts";
import { Stream } from "./stream.ts";
import type { Blocked, HalfOver, StreamEvents, StreamOwner } from "./stream-owner.ts";
import { StreamTable } from "./stream-table.ts";

export class Http2Connection implements StreamOwner, IncomingOwner, OutputEdge, Living {
  readonly role: "server" | "client";
  readonly edge: ConnectionEdge;
  readonly streams = new StreamTable();
  readonly blocked = new Set<Blocked>();
  sendWindow = WINDOW_BYTES;
  queuedBytes = 0;
  readonly peer = new PeerSettings();
  greeted = false;
  readonly #parts: ConnectionParts;
  readonly #socket: Duplex;
  readonly output: Output;
  readonly #headers: HeaderWriter;
  readonly #incoming: Incoming;
  readonly #reader: FrameReader;
  readonly #life: Life;
  /** Streams that were ended by us before the peer has sent all; looked at when the turn is over. */
  #halfOver: HalfOver[] = [];
  #pings: (() => void)[] = [];
  readonly #preface: Preface | undefined;
  #acknowledged = false;
  #lastRemote = 0;
  #nextLocal = 1;
  /** The last stream that HEADERS went out for. */
  #lastSent = 0;
  #ending = false;
  #reason: NodeJS.ErrnoException | undefined;

  constructor(parts: ConnectionParts) {
    const { connection, role, edge, clock, settings } = parts;
    this.role = role;
    this.edge = edge;
    this.#parts = parts;
    this.#socket = connection.socket;
    this.output = new Output(connection.socket, this);
    this.#headers = new HeaderWriter(this.output.writer);
    this.#incoming = new Incoming(this, parts.headers, clock);
    this.#reader = new FrameReader(this.#incoming);
    this.#life = new Life(this, parts);
    if (role === "server") this.#preface = new Preface();
    else this.writer.raw(PREFACE);
    this.writer.settings(settings);
    this.writer.windowUpdate(0, limits.SESSION_WINDOW_BYTES - WINDOW_BYTES);
    this.output.schedule();
    this.#listen();
  }

  get writer(): FrameWriter {
    return this.output.writer;
  }
  get frameBytesMax(): number {
    return this.peer.frameBytesMax;
  }
  get full(): boolean {
    return this.output.full;
  }
  /** Nothing new may be begun on it. */
  get ending(): boolean {
    return this.#ending;
  }
  get unfinished(): number | undefined {
    const unfinished = (this.#reader.within || this.#incoming.withinBlock) && !this.output.unread && !this.#ending;
    return unfinished ? this.#incoming.finished : undefined;
  }
  get lastRemote(): number {
    return this.#lastRemote;
  }

  // For the edge.

  /** A stream that the peer has opened. */
  accept(id: number, events: StreamEvents): Stream {
    const stream = new Stream(id, this, { events, sendWindow: this.peer.windowBytes });
    this.streams.add(stream);
    return stream;
  }
  /** One that the peer has opened and that is not wanted, by what the peer did: counted against it. */
  refuse(id: number, code: number): void {
    this.writer.reset(id, code);
    this.answered();
    this.streams.reset(id);
    this.#incoming.faulted();
  }
  /** A stream of ours. */
  open(events: StreamEvents): Stream {
    const id = this.#nextLocal;
    this.#nextLocal += 2;
    return this.accept(id, events);
  }

  ping(answered: () => void): void {
    this.#pings.push(answered);
    this.writer.frame(FrameType.PING << 8, 0, PING_BYTES);
    this.answered();
  }
  goaway(lastStream: number, code: number): void {
    this.writer.goaway(lastStream, code, "");
    this.answered();
  }

  /** A limit was reached. */
  limit(name: LimitName): void {
    this.#parts.counters.limits[name].value += 1;
  }

  /** Ends it at once, with its streams. */
  fail(error: ConnectionError): void {
    if (this.#ending) return;
    this.limit(error.limit);
    this.writer.goaway(this.#lastRemote, error.code, error.message);
    this.edge.failing(error);
    this.finish();
  }

  /** Writes what there is, ends what streams there are, and closes. */
  finish(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#reader.stop();
    this.#life.close();
    this.output.flush();
    this.#loseStreams();
    this.output.end(this.#parts.clock);
  }

  // For streams.

  wrote(): void {
    this.#incoming.busy();
    this.output.schedule();
  }
  wroteData(): void {
    this.#incoming.answerable();
    this.wrote();
  }
  writeHeaders(stream: number, flags: number, headers: Headers): void {
    this.#headers.write(stream, flags, headers);
    this.#lastSent = stream;
  }
  writeReset(stream: number, code: number): void {
    if (this.role === "client" && stream > this.#lastSent) return; // The peer has not heard of it.
    this.writer.reset(stream, code);
    this.wrote();
  }
  hold(bytes: number): void {
    this.#incoming.hold(bytes);
  }
  over(id: number, how: "ended" | "reset" | "fault"): void {
    if (how === "ended") this.streams.ended(id);
    else this.streams.reset(id);
    if (how === "fault") this.#incoming.faulted();
    if (this.streams.size === 0) this.#life.idle();
    this.edge.over();
  }
  halfOver(stream: HalfOver): void {
    if (this.role === "server") this.#halfOver.push(stream);
  }

  // For what comes in.

  isIdle(id: number): boolean {
    if ((id & 1) === 0) return true; // Nobody pushes.
    return this.role === "server" ? id > this.#lastRemote : id >= this.#nextLocal;
  }
  remoteOpened(id: number): void {
    this.#lastRemote = id;
  }
  answered(): void {
    this.output.schedule();
  }
  settingsAcknowledged(): boolean {
    if (this.#acknowledged) return false;
    this.#acknowledged = true;
    this.#greet();
    return true;
  }
  pingAcknowledged(): boolean {
    const answered = this.#pings.shift();
    answered?.();
    return answered !== undefined;
  }
  widen(bytes: number): boolean {
    this.sendWindow += bytes;
    this.output.schedule(); // What that lets go is seen when all frames of the turn are.
    return this.sendWindow <= UINT31_MAX;
  }
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    for (const [id, value] of pairs) this.peer.take(id, value, { role: this.role, headers: this.#headers, streams: this.streams });
    this.#greet();
    this.edge.settled();
  }

  // For the output.

  closing(): void {
    this.roomy();
    if (this.#halfOver.length === 0) return;
    const streams = this.#halfOver;
    this.#halfOver = [];
    for (const stream of streams) if (!stream.remoteEnded) stream.reset(ErrorCode.NO_ERROR); // RFC 9113 §8.1.
  }
  behind(): void {
    this.#life.behind();
  }
  roomy(): void {
    if (this.blocked.size === 0) return;
    for (const stream of [...this.blocked]) {
      if (this.full || this.sendWindow <= 0) return;
      this.blocked.delete(stream);
      stream.pump();
    }
  }

  // For its timers.

  late(limit: "handshake" | "frame" | "idle" | "keepalive" | "stall"): void {
    if (limit !== "idle") {
      this.fail(tooLate(limit));
      return;
    }
    this.limit(limit);
    this.edge.idle();
  }

  #greet(): void {
    if (this.greeted || !this.#acknowledged || !this.#incoming.settled) return;
    this.greeted = true;
    this.#life.greeted();
  }

  #listen(): void {
    const socket = this.#socket;
    this.#parts.counters.connections.value += 1;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("end", () => this.#ended());
    socket.on("error", (reason: NodeJS.ErrnoException) => {
      this.#reason ??= reason;
    });
    socket.on("close", () => this.#closed());
    socket.resume(); // Its first bytes may have been read and put back.
  }

  #received(chunk: Buffer): void {
    try {
      const from = this.#preface?.take(chunk) ?? 0;
      if (from < chunk.length) this.#reader.read(from === 0 ? chunk : chunk.subarray(from));
      this.#life.heard();
    } catch (reason) {
      if (reason instanceof ConnectionError) {
        this.fail(reason);
        return;
      }
      const error = StatusError.from(reason);
      this.edge.threw(error);
      this.fail(new ConnectionError(ErrorCode.INTERNAL_ERROR, error.status.message));
    }
  }

  /** The peer will send nothing more, so nothing can come of its streams. */
  #ended(): void {
    this.#reader.stop();
    this.#socket.destroy();
  }

  #loseStreams(): void {
    for (const stream of this.streams.all()) stream.lost();
  }

  #closed(): void {
    this.#ending = true;
    this.#life.close();
    this.#parts.counters.connections.value -= 1;
    this.#loseStreams();
    this.edge.closed(this.#reason);
  }
}

const PING_BYTES = Buffer.from("sluice..", "latin1");
