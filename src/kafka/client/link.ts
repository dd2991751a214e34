// One connection to one broker: the library's, with requests in our own codec beside the library's, versions agreed once, and no throw
// of ours reaching the library's loops.
import type { API, Connection, ResponseParser, SASLMechanismValue } from "@platformatic/kafka";
import { FETCH_KEY, FETCH_VERSIONS } from "../wire/fetch.ts";
import { LIST_OFFSETS_KEY, LIST_OFFSETS_VERSIONS } from "../wire/list-offsets.ts";
import { PRODUCE_KEY, PRODUCE_VERSIONS } from "../wire/produce.ts";
import { type Library, loadLibrary } from "./library.ts";

/** Answers are waited for so long; then the connection is closed, since the library cannot take a late answer. */
export const REQUEST_TIMEOUT_MS = 30_000;
export const CONNECT_TIMEOUT_MS = 10_000;
/** A broker that has gone without a word is found by probes of the system after this silence. */
const KEEP_ALIVE_MS = 30_000;
/** The library's own queue is not used to hold requests back. */
const IN_FLIGHT_MAX = 1_000;

export interface Sasl {
  readonly mechanism: SASLMechanismValue;
  readonly username: string;
  readonly password: string;
}

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly tls?: import("node:tls").ConnectionOptions;
  readonly sasl?: Sasl;
  /** REQUEST_TIMEOUT_MS when absent; more where the broker may take its time. */
  readonly requestTimeoutMs?: number;
  /** Told of a throw from an `Answered`, which is a bug: the library must not see it. */
  bug(reason: unknown): void;
}

/** A request in our own codec. */
export interface Frame<R> {
  readonly apiKey: number;
  readonly version: number;
  readonly flexible: boolean;
  readonly pieces: readonly Uint8Array[];
  /** The broker does not answer (Produce with acks none). */
  readonly silent?: boolean;
  /** The answer after its header. May throw: then the connection is closed. */
  decode(bytes: Uint8Array): R;
}

/** Called once. Neither given: a silent request was handed to the socket. */
export type Answered<R> = (error: Error | undefined, answer?: R) => void;

export interface Link {
  readonly name: string;
  readonly open: boolean;
  /** Written and not yet taken by the socket. */
  readonly queuedBytes: number;
  /** The newest version that both sides speak; throws when there is none. */
  version(apiKey: number, name: string, range: readonly [min: number, max: number]): number;
  send<R>(frame: Frame<R>, answered: Answered<R>): void;
  /** One of the library's calls, the newest of those given that the broker speaks. Error codes are in the answer, not thrown. */
  call<A extends unknown[], R>(apis: readonly API<A, R>[], ...args: A): Promise<R>;
  /** Once; at once when it is closed already. */
  onClosed(closed: () => void): void;
  close(): void;
}

/** The broker does not speak what we need. */
export class UnsupportedVersion extends Error {
  constructor(name: string, broker: string) {
    super(`${broker} does not speak ${name} as it is needed here: Apache Kafka 3.5 or later is supported`);
    this.name = "UnsupportedVersion";
  }
}

/** What nothing works without: found out when a connection is made, not in the middle of work. */
const NEEDED: readonly (readonly [apiKey: number, name: string, min: number])[] = [
  [PRODUCE_KEY, "Produce", PRODUCE_VERSIONS.min],
  [FETCH_KEY, "Fetch", FETCH_VERSIONS.min],
  [LIST_OFFSETS_KEY, "ListOffsets", LIST_OFFSETS_VERSIONS.min],
  [3, "Metadata", 12],
];

const isIp = (host: string): boolean => /^[0-9.]+$/.test(host) || host.includes(":");

/** Connects, authenticates and asks for versions. Rejects with the library's error: see `explain`. */
export const openLink = async (options: LinkOptions): Promise<Link> => {
  const library = await loadLibrary();
  const { host, port, clientId, tls, sasl, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const connection = new library.Connection(clientId, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    maxInflights: IN_FLIGHT_MAX,
    ...(tls ? { tls: { ...tls } } : {}),
    ...(tls && tls.servername === undefined && !isIp(host) ? { tlsServerName: host } : {}),
    ...(sasl ? { sasl: { ...sasl } } : {}),
  });
  let alert: Error | undefined; // Of the socket; the requests in flight only hear that it closed.
  connection.on("error", (error) => {
    alert ??= error;
  });
  try {
    await connection.connect(host, port);
    connection.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const versions = await versionsOf(library, connection);
    for (const [apiKey, name, min] of NEEDED) {
      if ((versions.get(apiKey)?.maxVersion ?? -1) < min) throw new UnsupportedVersion(name, `${host}:${port}`);
    }
    return new LibraryLink({ library, connection, versions, bug: options.bug });
  } catch (reason) {
    connection.close(() => {});
    connection.socket?.destroy();
    throw alert === undefined || alert === reason ? reason : new AggregateError([reason, alert]);
  }
};

type Versions = ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;

const versionsOf = async (library: Library, connection: Connection): Promise<Versions> => {
  const { apiKeys } = await library.apiVersionsV3.api.async(connection, "sluice", "1");
  return new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { minVersion, maxVersion }]));
};

interface Parts {
  readonly library: Library;
  readonly connection: Connection;
  readonly versions: Versions;
  readonly bug: (reason: unknown) => void;
}

class LibraryLink implements Link {
  readonly name: string;
  readonly #library: Library;
  readonly #connection: Connection;
  readonly #versions: Versions;
  readonly #bug: (reason: unknown) => void;

  constructor({ library, connection, versions, bug }: Parts) {
    this.#library = library;
    this.#connection = connection;
    this.#versions = versions;
    this.#bug = bug;
    this.name = `${connection.host}:${connection.port}`;
  }

  get open(): boolean {
    return this.#connection.isConnected() || this.#connection.status === "reauthenticating";
  }

  get queuedBytes(): number {
    return this.#connection.socket.writableLength;
  }

  version(apiKey: number, name: string, [min, max]: readonly [min: number, max: number]): number {
    const range = this.#versions.get(apiKey);
    const version = Math.min(max, range?.maxVersion ?? -1);
    if (range === undefined || version < Math.max(min, range.minVersion)) throw new UnsupportedVersion(name, this.name);
    return version;
  }

  send<R>(frame: Frame<R>, answered: Answered<R>): void {
    const { apiKey, version, flexible } = frame;
    const body = () => {
      const writer = this.#library.Writer.create();
      for (const piece of frame.pieces) writer.append(piece as Buffer); // It joins Uint8Arrays as well.
      if (frame.silent) writer.context["noResponse"] = true;
      return writer;
    };
    const parse = (...[, , , reader]: Parameters<ResponseParser<R>>): R => frame.decode(reader.buffer.buffer);
    this.#connection.send<R>(apiKey, version, body, parse, flexible, flexible, (error, answer) => {
      if (error && this.#connection.isConnected()) this.close(); // An answer that could not be read: what follows is not to be trusted.
      try {
        answered(error ?? undefined, frame.silent ? undefined : answer);
      } catch (reason) {
        this.#bug(reason);
      }
    });
  }

  call<A extends unknown[], R>(apis: readonly API<A, R>[], ...args: A): Promise<R> {
    const api = apis.find(({ key, version }) => {
      const range = this.#versions.get(key);
      return range !== undefined && version >= range.minVersion && version <= range.maxVersion;
    });
    if (!api) return Promise.reject(new UnsupportedVersion(this.#nameOf(apis[0]!.key), this.name));
    return api.async(this.#connection, ...args).catch((error: unknown) => {
      if (error instanceof this.#library.ResponseError && "response" in error) return error["response"] as R; // It is the answer, parsed.
      throw error;
    });
  }

  onClosed(closed: () => void): void {
    if (this.#connection.status === "closed" || this.#connection.status === "error") closed();
    else this.#connection.once("close", closed);
  }

  close(): void {
    this.#connection.close(() => {});
    this.#connection.socket?.destroy();
  }

  #nameOf(apiKey: number): string {
    return this.#library.protocolAPIsById[apiKey] ?? String(apiKey);
  }
}
