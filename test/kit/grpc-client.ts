// Calls through @grpc/grpc-js, a client library that shares no code with us: one function for all four kinds, messages as bytes.
import { type CallOptions, Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";

type Pairs = readonly (readonly [name: string, value: string | Buffer])[];

export interface Asked {
  /** `/service/method`. */
  readonly path: string;
  readonly requests: readonly Uint8Array[];
  /** A name ending in `-bin` takes a Buffer. */
  readonly metadata?: Pairs;
  /** From now. */
  readonly timeoutMs?: number;
  /** Leaves the requests open. */
  readonly open?: boolean;
  /** Cancels when so many replies are here; 0 cancels when the requests are sent. */
  readonly cancelAfter?: number;
}

export interface Answered {
  readonly code: number;
  readonly details: string;
  readonly replies: readonly Buffer[];
  /** Names in lower case; a name that came twice is there twice. */
  readonly initial: Pairs;
  readonly trailers: Pairs;
}

const identity = (bytes: Buffer): Buffer => bytes;

const pairsOf = (metadata: Metadata | undefined): Pairs =>
  Object.keys(metadata?.getMap() ?? {}).flatMap((name) => (metadata?.get(name) ?? []).map((value) => [name, value] as const));

const metadataOf = (pairs: Pairs = []): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of pairs) metadata.add(name, value);
  return metadata;
};

/** A channel of its own to `127.0.0.1:port`. */
export const channelTo = (port: number): Client =>
  new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_retries": 0,
    "grpc.use_local_subchannel_pool": 1,
  });

type Stream = ClientDuplexStream<Buffer, Buffer>;
const open = (client: Client, { path, metadata, timeoutMs }: Asked): Stream => {
  const options: CallOptions = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  return client.makeBidiStreamRequest(path, identity, identity, metadataOf(metadata), options);
};

/** Makes the call and waits for its end, whatever that is; on the wire all kinds of calls look alike, so one kind serves for all. */
export const call = (client: Client, asked: Asked): Promise<Answered> =>
  new Promise((resolve) => {
    const stream = open(client, asked);
    const replies: Buffer[] = [];
    let initial: Metadata | undefined;
    stream.on("metadata", (metadata: Metadata) => {
      initial = metadata;
    });
    stream.on("data", (reply: Buffer) => {
      replies.push(reply);
      if (replies.length === asked.cancelAfter) stream.cancel();
    });
    stream.on("error", () => {}); // `status` says the same.
    stream.on("status", ({ code, details, metadata }: StatusObject) => {
      resolve({ code, details, replies, initial: pairsOf(initial), trailers: pairsOf(metadata) });
    });
    for (const request of asked.requests) stream.write(Buffer.from(request));
    if (!asked.open) stream.end();
    if (asked.cancelAfter === 0) setImmediate(() => stream.cancel());
  });

/** A call that is held open and watched; for the order of things. */
export interface Held {
  readonly stream: Stream;
  /** The next reply; undefined at the end. */
  next(): Promise<Buffer | undefined>;
}

export const hold = (client: Client, asked: Omit<Asked, "requests">): Held => {
  const stream = open(client, { ...asked, requests: [] });
  stream.on("error", () => {});
  const replies = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>; // Its messages are what `identity` returned.
  const next = async (): Promise<Buffer | undefined> => {
    const { done, value } = await replies.next();
    return done ? undefined : value;
  };
  return { stream, next };
};
