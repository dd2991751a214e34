// One connection: requests are read whole, answered one after the other, and their answers leave in the order they came in. Produce
// requests are handed on before the ones ahead of them are durable, so that one connection's writes share a sync; everything else waits.
import type { Socket } from "node:net";
import { WireError } from "../../kafka/wire/reader.ts";
import { unsupportedVersion } from "../18-api-versions.ts";
import type { Handler, RequestContext } from "../api.ts";
import type { Broker } from "../broker.ts";
import { ANONYMOUS, type Client } from "./client.ts";
import { Frames } from "./frames.ts";
import { bodyOf, framed, type RequestHeader, readHeader } from "./header.ts";
import { IDLE_MS_MAX, REQUESTS_QUEUED_MAX } from "./limits.ts";

/** What all connections of a listener share. */
export interface Serving {
  readonly broker: Broker;
  readonly handlers: ReadonlyMap<number, Handler>;
  /** Counts bytes of requests in hand; false: no more is to be read for now. */
  taken(bytes: number): boolean;
  /** They were answered. */
  given(bytes: number): void;
  /** Whether a client must authenticate first. */
  readonly authenticate: boolean;
  closed(connection: ClientConnection): void;
}

const API_VERSIONS = 18;
const PRODUCE = 0;
/** What may be asked before authentication: ApiVersions, SaslHandshake, SaslAuthenticate. */
const OPEN: readonly number[] = [API_VERSIONS, 17, 36];

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
  principal = ANONYMOUS;
  authenticated: boolean;
  sasl?: unknown;
  readonly #socket: Socket;
  readonly #serving: Serving;
  readonly #frames = new Frames();
  readonly #queue: Queued[] = [];
  readonly #onClosed = new Set<() => void>();
  #inHand = 0;
  #handling = -1;
  /** The answers leave in order: each is written when those before it were. */
  #answers: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(socket: Socket, serving: Serving) {
    this.#socket = socket;
    this.#serving = serving;
    this.host = socket.remoteAddress ?? "";
    this.port = socket.remotePort ?? 0;
    this.authenticated = !serving.authenticate;
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_MS_MAX, () => this.close("idle"));
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#gone());
  }

  onClosed(call: () => void): () => void {
    if (this.#closed) call();
    else this.#onClosed.add(call);
    return () => this.#onClosed.delete(call);
  }

  close(reason: string): void {
    if (this.#closed || this.#socket.writableEnded) return;
    this.#serving.broker.log.debug("a client's connection is closed", { client: `${this.host}:${this.port}`, reason });
    void this.#answers.finally(() => this.#socket.destroySoon());
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#queue.push({ header: readHeader(frame), frame });
        if (!this.#serving.taken(frame.length) || this.#queue.length >= REQUESTS_QUEUED_MAX) this.#socket.pause();
      }
    } catch (reason) {
      this.#malformed(reason);
    }
    this.#next();
  }

  /** Starts what may be started: one request at a time, and a Produce behind a Produce at once. */
  #next(): void {
    for (let queued = this.#queue[0]; queued !== undefined && !this.#closed; queued = this.#queue[0]) {
      if (this.#inHand > 0 && !(this.#handling === PRODUCE && queued.header.key === PRODUCE)) return;
      this.#queue.shift();
      this.#handling = queued.header.key;
      this.#inHand += 1;
      const answer = this.#answer(queued);
      this.#answers = this.#answers.then(() => answer).then((pieces) => this.#write(pieces, queued));
    }
  }

  async #answer({ header, frame }: Queued): Promise<readonly Uint8Array[] | null> {
    const handler = this.#serving.handlers.get(header.key);
    if (!this.authenticated && !OPEN.includes(header.key)) return this.#malformed("asked before it authenticated");
    if (!handler) return this.#malformed(`asked for API ${header.key}, which is not known`);
    const known = header.version >= handler.versions.min && header.version <= handler.versions.max;
    if (!known && header.key === API_VERSIONS) return framed(header.correlation, unsupportedVersion(), false);
    if (!known) return this.#malformed(`asked for ${handler.name} version ${header.version}, which is not known`);
    const flexible = header.version >= handler.flexibleFrom;
    const context: RequestContext = { version: header.version, clientId: header.clientId, client: this, broker: this.#serving.broker };
    try {
      const body = await handler.answer(bodyOf(frame, header, flexible), context);
      return body && framed(header.correlation, body, flexible && header.key !== API_VERSIONS);
    } catch (reason) {
      return this.#malformed(reason);
    }
  }

  #write(pieces: readonly Uint8Array[] | null, { frame }: Queued): void {
    this.#inHand -= 1;
    this.#serving.given(frame.length);
    if (pieces !== null && !this.#closed && this.#socket.writable) {
      this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece);
      this.#socket.uncork();
    }
    if (this.#socket.isPaused() && this.#queue.length < REQUESTS_QUEUED_MAX) this.#socket.resume();
    this.#next();
  }

  #malformed(reason: unknown): null {
    const { log } = this.#serving.broker;
    const text = reason instanceof WireError ? reason.message : String(reason);
    if (typeof reason === "string" || reason instanceof WireError)
      log.warn("a client's connection is closed", { client: `${this.host}:${this.port}`, reason: text });
    else log.error("a client's connection is closed", { client: `${this.host}:${this.port}` }, reason);
    this.#queue.length = 0;
    this.#socket.destroySoon();
    return null;
  }

  #gone(): void {
    this.#closed = true;
    for (const call of this.#onClosed) call();
    this.#onClosed.clear();
    this.#serving.closed(this);
  }
}
