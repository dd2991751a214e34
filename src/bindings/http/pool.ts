// The connections to one origin: requests go to one that has room, wait for one, or are told quickly why there is none.
import type { Clock } from "../../core/clock.ts";
import { fail, type Status, StatusError } from "../../core/status.ts";
import { Http2Client, type Http2ClientOptions } from "../../http2/client.ts";
import { ClientStream } from "../../http2/client-stream.ts";
import type { Address, Connection, Connector } from "../../ports/connection.ts";
import type { HttpReply, HttpRequest } from "../../ports/http.ts";

/** Requests that may wait for a connection to one origin. */
export const WAITING_MAX = 10_000;
/** Between attempts to connect while they fail; meanwhile requests are told of the last failure at once. */
export const BACKOFF_FIRST_MS = 50;
export const BACKOFF_MAX_MS = 5_000;

export interface PoolOptions extends Omit<Http2ClientOptions, "address" | "changed" | "closed" | "gone"> {
  readonly clock: Clock;
  readonly connectionsMax: number;
  /** Nothing waits or runs any more. */
  idle(): void;
}

export class Pool {
  readonly #address: Address;
  readonly #name: string;
  readonly #connector: Connector;
  readonly #options: PoolOptions;
  readonly #clients = new Set<Http2Client>();
  /** Not taking new streams, but with some in hand. */
  readonly #retired = new Set<Http2Client>();
  readonly #waiting = new Set<ClientStream>();
  #connecting: { close(): void } | undefined;
  #scheduled = false;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #failure: Status | undefined;
  #closing: Status | undefined;

  constructor(address: Address, connector: Connector, options: PoolOptions) {
    this.#address = address;
    this.#name = nameOf(address.host === "" ? { host: "localhost", port: 80, ...connector.dial } : address);
    this.#connector = connector;
    this.#options = options;
  }

  /** Whether it could be forgotten. */
  get unused(): boolean {
    return this.streams === 0 && this.#clients.size === 0 && this.#connecting === undefined;
  }

  get streams(): number {
    let streams = this.#waiting.size;
    for (const client of this.#clients) streams += client.streams;
    for (const client of this.#retired) streams += client.streams;
    return streams;
  }

  /** Refuses by throwing. */
  request(request: HttpRequest, reply: HttpReply): ClientStream {
    if (this.#closing) throw new StatusError(this.#closing);
    if (this.#clients.size === 0 && this.#failure && this.#options.clock.monotonicMs() < this.#retryAtMs)
      throw new StatusError(this.#failure);
    if (this.#waiting.size >= WAITING_MAX)
      throw new StatusError({ ...fail("RESOURCE_EXHAUSTED", `${WAITING_MAX} requests wait for ${this.#name}`).status, unprocessed: true });
    const stream = new ClientStream(request, reply, this);
    this.#waiting.add(stream);
    this.#schedule(); // Not here: the caller has to have its requests before anything is replied.
    return stream;
  }

  /** A waiting request was cancelled. */
  left(stream: ClientStream): void {
    this.#waiting.delete(stream);
    this.#told();
  }

  /** Takes no more requests. */
  refuse(status: Status): void {
    this.#closing = status;
  }

  close(status: Status): void {
    this.#closing = status;
    this.#connecting?.close();
    this.#connecting = undefined;
    this.#failWaiting(status);
    for (const client of [...this.#clients, ...this.#retired]) client.close(status);
  }

  /** Starts what can be started, and connects if more is wanted. */
  pump(): void {
    this.#scheduled = false;
    for (const client of this.#clients) {
      let room = client.room;
      for (const stream of this.#waiting) {
        if (room-- <= 0) break;
        this.#waiting.delete(stream);
        client.start(stream);
      }
    }
    if (this.#waiting.size > 0 && this.#connecting === undefined && this.#clients.size < this.#options.connectionsMax) this.#connect();
    this.#told();
  }

  #connect(): void {
    if ([...this.#clients].some((client) => !client.greeted)) return; // One that is coming will have room.
    const { clock } = this.#options;
    if (this.#clients.size > 0 && clock.monotonicMs() < this.#retryAtMs) return; // The ones there are will have room again.
    this.#connecting = this.#connector.connect(
      { ...this.#address, alpn: ["h2"] },
      (connection) => this.#opened(connection),
      (reason) => this.#failed({ ...StatusError.from(reason).status, unprocessed: true }),
    );
  }

  #opened(connection: Connection): void {
    this.#connecting = undefined;
    const alpn = connection.peer.tls?.alpn ?? "";
    if (alpn !== "" && alpn !== "h2") {
      connection.socket.destroy();
      this.#failed({ ...fail("UNAVAILABLE", `${this.#name}: the peer speaks '${alpn}', but h2 is needed`).status, unprocessed: true });
      return;
    }
    const client: Http2Client = new Http2Client(connection, {
      ...this.#options,
      address: this.#name,
      changed: () => {
        if (client.greeted) this.#failures = 0;
        this.pump();
      },
      closed: (failure) => this.#closed(client, failure),
      gone: () => {
        this.#retired.delete(client);
        this.#told();
      },
    });
    this.#clients.add(client);
  }

  #closed(client: Http2Client, failure: Status | undefined): void {
    this.#clients.delete(client);
    if (client.streams > 0) this.#retired.add(client);
    if (failure) this.#failed({ ...failure, unprocessed: true });
    else if (this.#waiting.size > 0) this.#schedule();
    else this.#told();
  }

  #failed(status: Status): void {
    this.#connecting = undefined;
    this.#failure = status;
    this.#retryAtMs = this.#options.clock.monotonicMs() + Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#clients.size === 0) this.#failWaiting(status);
    this.#told();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(pump, this);
  }

  #failWaiting(status: Status): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) stream.fail(status);
  }

  #told(): void {
    if (this.streams === 0) this.#options.idle();
  }
}

const nameOf = ({ host, port }: Address): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

const pump = (pool: Pool): void => pool.pump();
