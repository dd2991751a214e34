// The gRPC server behind the scenarios: an echo with one method of each kind that can be told by metadata how to misbehave, and that
// remembers what reached it.
import { EventEmitter, once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Metadata, type MethodDefinition, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";

export const ECHO_SERVICE = "grpc.examples.echo.Echo";
/** Paths by kind. */
export const ECHO = {
  unary: `/${ECHO_SERVICE}/UnaryEcho`,
  serverStream: `/${ECHO_SERVICE}/ServerStreamingEcho`,
  clientStream: `/${ECHO_SERVICE}/ClientStreamingEcho`,
  bidi: `/${ECHO_SERVICE}/BidirectionalStreamingEcho`,
} as const;

/** What the server was given of one call. */
export interface Seen {
  readonly path: string;
  /** Address and port of the connection it came by. */
  readonly peer: string;
  readonly metadata: Metadata;
  readonly requests: Buffer[];
  /** Unix milliseconds; undefined without one. */
  readonly deadlineMs: number | undefined;
  /** This server has ended it, or meant to: a request that is reset seems to end first. */
  answered: boolean;
  /** It is over; the caller has ended it where the server has not. */
  cancelled: boolean;
}

/** Metadata that tell the server what to do. */
export const TELL = {
  /** Ends with this status code at once. */
  status: "tell-status",
  /** Percent-encoded. */
  message: "tell-message",
  /** Replies first, then ends with the status. */
  afterReplies: "tell-after-replies",
  /** Never answers. */
  silence: "tell-silence",
  /** Sends no message at all. */
  empty: "tell-empty",
  /** Milliseconds before each reply of a unary call or a server stream. */
  pause: "tell-pause",
} as const;

export interface Backend {
  readonly port: number;
  /** Every call that reached it, in order. */
  readonly seen: readonly Seen[];
  /** Resolves with the first call, seen or to come, for which `wanted` holds. */
  saw(wanted: (seen: Seen) => boolean): Promise<Seen>;
  stop(): void;
}

/** A server stream sends each request so many times. */
export const REPEATS = 10;
const TEN: readonly string[] = [ECHO.serverStream];
const ONE: readonly string[] = [ECHO.unary, ECHO.clientStream];

const first = (metadata: Metadata, name: string): string | undefined => metadata.get(name)[0]?.toString();

const repliesOf = ({ path, requests }: Seen): Buffer[] => {
  if (ONE.includes(path)) return [Buffer.concat(requests)];
  return TEN.includes(path) ? requests.flatMap((request) => Array<Buffer>(REPEATS).fill(request)) : [];
};

/** Ends by itself when the caller has left. */
const sendReplies = async (stream: ServerDuplexStream<Buffer, Buffer>, seen: Seen): Promise<void> => {
  const pauseMs = Number(first(seen.metadata, TELL.pause) ?? 0);
  for (const reply of repliesOf(seen)) {
    if (pauseMs > 0) await setTimeout(pauseMs);
    if (seen.cancelled) return;
    stream.write(reply);
  }
};

const answer = async (stream: ServerDuplexStream<Buffer, Buffer>, seen: Seen): Promise<void> => {
  const { metadata } = seen;
  const code = first(metadata, TELL.status);
  if (first(metadata, TELL.silence) !== undefined) return;
  const withReplies = code === undefined || first(metadata, TELL.afterReplies) !== undefined;
  if (withReplies && first(metadata, TELL.empty) === undefined) await sendReplies(stream, seen);
  const trailers = new Metadata();
  trailers.set("trailing", "last words");
  if (seen.cancelled) return;
  seen.answered = true;
  if (code === undefined) stream.end(trailers);
  else stream.emit("error", { code: Number(code), details: decodeURIComponent(first(metadata, TELL.message) ?? ""), metadata: trailers });
};

const serveCall =
  (path: string, seenAll: Seen[], heard: EventEmitter) =>
  (stream: ServerDuplexStream<Buffer, Buffer>): void => {
    const deadline = stream.getDeadline();
    const deadlineMs = deadline === Number.POSITIVE_INFINITY ? undefined : Number(deadline);
    const seen: Seen = {
      path,
      peer: stream.getPeer(),
      metadata: stream.metadata,
      requests: [],
      deadlineMs,
      answered: false,
      cancelled: false,
    };
    seenAll.push(seen);
    heard.emit("change");
    const initial = new Metadata();
    initial.set("served-by", "backend");
    for (const value of stream.metadata.get("custom")) initial.add("custom", value);
    for (const value of stream.metadata.get("custom-bin")) initial.add("custom-bin", value);
    if (first(stream.metadata, TELL.status) === undefined) stream.sendMetadata(initial);
    const isBidi = path === ECHO.bidi && first(stream.metadata, TELL.silence) === undefined;
    stream.on("data", (request: Buffer) => {
      seen.requests.push(request);
      heard.emit("change");
      if (isBidi) stream.write(request);
    });
    stream.on("end", () => void answer(stream, seen));
    stream.on("cancelled", () => {
      seen.cancelled = true;
      heard.emit("change");
    });
  };

const method = (path: string): MethodDefinition<Buffer, Buffer> => {
  const same = (bytes: Buffer): Buffer => bytes;
  const codec = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
  return { path, requestStream: true, responseStream: true, ...codec };
};

/** Starts one on a free port, or on `port`. */
export const startBackend = async (port = 0): Promise<Backend> => {
  const seen: Seen[] = [];
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const paths = Object.entries(ECHO);
  const service = Object.fromEntries(paths.map(([name, path]) => [name, method(path)]));
  server.addService(service, Object.fromEntries(paths.map(([name, path]) => [name, serveCall(path, seen, heard)])));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) => (error ? reject(error) : resolve(at)));
  });
  const saw = async (wanted: (seen: Seen) => boolean): Promise<Seen> => {
    for (;;) {
      const found = seen.find(wanted);
      if (found) return found;
      await once(heard, "change");
    }
  };
  return { port: bound, seen, saw, stop: () => server.forceShutdown() };
};
