// One connection: requests are read whole, answered one after the other, and their answers leave in the order they came in. Produce
// requests are handed on before the ones ahead of them are durable, so that one connection's writes share a sync; everything else waits,
// and all of it waits for a client that does not read its answers.
import type { Socket } from "node:net";
import type { Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { WireError } from "../../kafka/wire/reader.ts";
import { unsupportedVersion } from "../18-api-versions.ts";
import type { Handler, RequestContext } from "../api.ts";
import type { Broker } from "../broker.ts";
import { BrokerError } from "../broker-error.ts";
import type { Exchange } from "../sasl/exchange.ts";
import type { Session } from "../sasl/session.ts";
import type { Budget } from "./budget.ts";
import type { Client } from "./client.ts";
import { Frames, LENGTH_BYTES } from "./frames.ts";
import { bareFrame, bodyOf, framed, NO_HEADER, type RequestHeader, readHeader } from "./header.ts";
import * as limits from "./limits.ts";

/** What all connections of a listener share. */
export interface Serving {
  readonly broker: Broker;
  readonly handlers: ReadonlyMap<number, Handler>;
  readonly budget: Budget;
  readonly log: Log;
  /** Whether a client must authenticate first. */
  readonly authenticate: boolean;
  closed(connection: ClientConnection): void;
}

const API_VERSIONS = 18;
const PRODUCE = 0;
/** What may be asked before authentication: ApiVersions, SaslHandshake, SaslAuthenticate. */
const OPEN: readonly number[] = [API_VERSIONS, 17, 36];

/** What may be asked after the end of a session: SaslHandshake, SaslAuthenticate. */
const RENEWING: readonly number[] = [17, 36];

interface Queued {
  readonly header: RequestHeader;
  readonly frame: Uint8Array;
}

let clients = 0;

export class ClientConnection implements Client {
  readonly id = ++clients;
  readonly host: string;
  readonly port: number;
  software = { name: "", version: "" };
  principal: string;
  authenticated: boolean;
  sasl: Exchange | undefined;
  session: Session | undefined;
  bare: ((frame: Uint8Array) => Promise<Uint8Array>) | undefined;
  readonly #socket: Socket;
  readonly #serving: Serving;
  readonly #frames = new Frames(() => (this.authenticated ? limits.REQUEST_BYTES_MAX : limits.STRANGER_REQUEST_BYTES_MAX));
  readonly #queue: Queued[] = [];
  readonly #onClosed = new Set<() => void>();
  readonly #unspent = (): void => this.#flow();
  /** Bytes read and not answered. */
  #held = 0;
  /** Bytes of answers that the client has not taken. */
  #untaken = 0;
  /** Answers of one turn leave together. */
  #gathering = false;
  #inHand = 0;
  #handling = -1;
  /** The answers leave in order: each is written when those before it were. */
  #answers: Promise<void> = Promise.resolve();
  /** `ending`: nothing more is read or begun. */
  #state: "open" | "ending" | "closed" = "open";
  /** When the request whose end is missing began. */
  #begunMs = 0;
  #late: Timer | undefined;
  #unknown: Timer | undefined;
  #end: Timer | undefined;

  /** `principal`: whom the transport knows it by already. */
  constructor(socket: Socket, serving: Serving, principal: string) {
    this.#socket = socket;
    this.principal = principal;
    this.#serving = serving;
    this.host = socket.remoteAddress ?? "";
    this.port = socket.remotePort ?? 0;
    this.authenticated = !serving.authenticate;
    socket.setNoDelay(true);
    socket.setTimeout(limits.IDLE_MS_MAX, () => this.#idle());
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => {
      this.#taken();
      this.#next();
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#gone());
    if (serving.authenticate)
      this.#unknown = serving.broker.clock.after(limits.AUTHENTICATION_MS_MAX, () => {
        if (!this.authenticated) this.close("did not authenticate in time");
      });
  }

  onClosed(call: () => void): () => void {
    if (this.#state === "open") this.#onClosed.add(call);
    else call();
    return () => this.#onClosed.delete(call);
  }

  close(reason: string): void {
    if (this.#state !== "open") return;
    this.#serving.log.debug("a client's connection is closed", { client: `${this.host}:${this.port}`, reason });
    this.#ending();
    this.#end = this.#serving.broker.clock.after(limits.CLOSE_MS_MAX, () => this.#socket.destroy());
    void this.#answers.finally(() => this.#socket.destroySoon());
  }

  #read(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#held += chunk.length;
    this.#serving.budget.take(chunk.length);
    try {
      const frames = this.#frames.push(chunk);
      for (const frame of frames) this.#queue.push({ header: this.bare ? NO_HEADER : readHeader(frame), frame });
      this.#time(frames.length);
    } catch (reason) {
      this.#malformed(reason);
    }
    this.#next();
  }

  /** Starts what may be started: one request at a time, and a Produce behind a Produce at once. */
  #next(): void {
    for (let queued = this.#queue[0]; queued !== undefined && this.#state === "open"; queued = this.#queue[0]) {
      if (this.#socket.writableNeedDrain || this.#inHand >= limits.REQUESTS_QUEUED_MAX) break;
      if (this.#inHand > 0 && !(this.#handling === PRODUCE && queued.header.key === PRODUCE)) break;
      this.#queue.shift();
      this.#handling = queued.header.key;
      this.#inHand += 1;
      this.#begin(queued);
    }
    this.#flow();
  }

  #begin(queued: Queued): void {
    const answer = this.#answer(queued);
    this.#answers = this.#answers.then(() => answer).then((pieces) => this.#write(pieces, queued));
  }

  get #isOver(): boolean {
    const endsMs = this.session?.endsMs;
    return endsMs !== undefined && this.#serving.broker.clock.monotonicMs() >= endsMs;
  }

  async #answer({ header, frame }: Queued): Promise<readonly Uint8Array[] | null> {
    if (header === NO_HEADER) return this.#answerBare(frame);
    const handler = this.#serving.handlers.get(header.key);
    if (!this.authenticated && !OPEN.includes(header.key)) return this.#malformed("asked before it authenticated");
    if (this.#isOver && !RENEWING.includes(header.key)) return this.#malformed("its session has ended, and it did not authenticate again");
    if (!handler) return this.#malformed(`asked for API ${header.key}, which is not known`);
    const known = header.version >= handler.versions.min && header.version <= handler.versions.max;
    if (!known && header.key === API_VERSIONS) return framed(header.correlation, unsupportedVersion(), "classic");
    if (!known) return this.#malformed(`asked for ${handler.name} version ${header.version}, which is not known`);
    const encoding = header.version >= handler.flexibleFrom ? "flexible" : "classic";
    const context: RequestContext = { version: header.version, clientId: header.clientId, client: this, broker: this.#serving.broker };
    try {
      const body = await handler.answer(bodyOf(frame, header, encoding), context);
      return body && framed(header.correlation, body, header.key === API_VERSIONS ? "classic" : encoding);
    } catch (reason) {
      return this.#malformed(reason);
    }
  }

  /** Who is refused here is not told why: its connection ends. */
  async #answerBare(frame: Uint8Array): Promise<readonly Uint8Array[] | null> {
    try {
      return this.bare ? bareFrame(await this.bare(frame)) : this.#malformed("a frame without a header was not asked for");
    } catch (reason) {
      return reason instanceof BrokerError ? null : this.#malformed(reason);
    }
  }

  #write(pieces: readonly Uint8Array[] | null, { frame }: Queued): void {
    this.#inHand -= 1;
    this.#release(frame.length + LENGTH_BYTES);
    if (pieces !== null && this.#socket.writable) this.#send(pieces);
    this.#next();
  }

  /** Much that does not leave at once counts as held until it does. */
  #send(pieces: readonly Uint8Array[]): void {
    if (!this.#gathering) {
      this.#gathering = true;
      this.#socket.cork();
      process.nextTick(() => this.#flush());
    }
    for (const piece of pieces) this.#socket.write(piece);
    const untaken = this.#socket.writableNeedDrain ? this.#socket.writableLength : 0;
    this.#serving.budget.take(untaken - this.#untaken);
    this.#untaken = untaken;
  }

  #flush(): void {
    this.#gathering = false;
    this.#socket.uncork();
  }

  #taken(): void {
    this.#serving.budget.give(this.#untaken);
    this.#untaken = 0;
  }

  /** Reads on, or not: with much in hand, or with all connections together holding too much, it does not. */
  #flow(): void {
    if (this.#state !== "open") return;
    if (this.#serving.budget.spent) this.#serving.budget.wait(this.#unspent);
    const wait = this.#full() || this.#serving.budget.spent;
    if (wait !== this.#socket.isPaused()) wait ? this.#socket.pause() : this.#socket.resume();
  }

  #full(): boolean {
    const busy = this.#inHand + this.#queue.length > 0;
    return this.#queue.length >= limits.REQUESTS_QUEUED_MAX || (busy && this.#held >= limits.QUEUED_BYTES_PER_CONNECTION_MAX);
  }

  /** Watches the time that a request takes to come. */
  #time(ended: number): void {
    const { clock } = this.#serving.broker;
    if (ended > 0 || this.#late === undefined) this.#begunMs = clock.monotonicMs();
    if (this.#frames.pending > 0) this.#late ??= clock.after(limits.REQUEST_MS_MAX, () => this.#overdue());
  }

  #overdue(): void {
    this.#late = undefined;
    if (this.#state !== "open" || this.#frames.pending === 0) return;
    const nowMs = this.#serving.broker.clock.monotonicMs();
    if (this.#full()) this.#begunMs = nowMs; // It is we who do not read.
    const leftMs = this.#begunMs + limits.REQUEST_MS_MAX - nowMs;
    if (leftMs <= 0) this.#malformed("a request did not end in time");
    else this.#late = this.#serving.broker.clock.after(leftMs, () => this.#overdue());
  }

  #idle(): void {
    if (this.#inHand === 0 || this.#socket.writableLength > 0) this.close("idle");
    else this.#socket.setTimeout(limits.IDLE_MS_MAX);
  }

  #malformed(reason: unknown): null {
    if (this.#state === "closed") return null;
    const { log } = this.#serving;
    const client = `${this.host}:${this.port}`;
    if (typeof reason === "string") log.warn("a client's connection is closed", { client, reason });
    else if (reason instanceof WireError) log.warn("a client's connection is closed", { client, reason: reason.message });
    else log.error("a client's connection is closed", { client }, reason);
    this.#ending();
    this.#socket.destroySoon();
    return null;
  }

  #release(bytes: number): void {
    const released = Math.min(bytes, this.#held); // Nothing is held any more by a connection that has gone.
    this.#held -= released;
    if (released > 0) this.#serving.budget.give(released);
  }

  /** Whoever waits for this client hears that it goes. */
  #ending(): void {
    if (this.#state === "open") this.#state = "ending";
    this.#queue.length = 0;
    for (const call of [...this.#onClosed]) call();
    this.#onClosed.clear();
  }

  #gone(): void {
    this.#ending();
    this.#state = "closed";
    for (const timer of [this.#late, this.#unknown, this.#end]) timer?.cancel();
    this.#serving.budget.forget(this.#unspent);
    this.#release(this.#held);
    this.#taken();
    this.#serving.closed(this);
  }
}
