// What is asked of a broker, always by the same bare client, so that only the broker differs: requests that are encoded once, sent over
// connections that know nothing but lengths.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { concat } from "../../src/core/bytes.ts";
import { produce } from "../../src/kafka/wire/api/00-produce.ts";
import { fetch } from "../../src/kafka/wire/api/01-fetch.ts";
import { type Api, decodeResponse, encodeRequest } from "../../src/kafka/wire/api/api.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import { Writer } from "../../src/kafka/wire/writer.ts";

export const RECORD_BYTES = 100;
/** So many records of 100 bytes make a batch of 64 KB. */
export const BATCH_RECORDS = 600;
const LENGTH_BYTES = 4;
const CORRELATION_BYTES = 4;
const PRODUCE_VERSION = 7;
const FETCH_VERSION = 11;
const FETCH_BYTES = 8 * 1_048_576;
const PARTITION_BYTES = 1_048_576;
const BASE_OFFSET_AND_LENGTH_BYTES = 12;
const LAST_OFFSET_DELTA_AT = 23;

export const frameOf = <Request>(api: Api<Request, unknown>, version: number, request: Request): Uint8Array => {
  const header = new Writer("classic").int16(api.key).int16(version).int32(1).string("bench");
  const body = concat([...header.pieces(), ...encodeRequest(api, request, version)]);
  return concat([...new Writer("classic").int32(body.length).pieces(), body]);
};

/** A connection whose requests are answered in their order. */
export class Bare {
  readonly #socket: Socket;
  readonly #waiting: { readonly resolve: (body: Buffer) => void; readonly reject: (reason: Error) => void }[] = [];
  #chunks: Buffer[] = [];
  #received = 0;

  static async open(bootstrap: string): Promise<Bare> {
    const [host = "", port] = bootstrap.split(":");
    const socket = connect({ host, port: Number(port), noDelay: true });
    await once(socket, "connect");
    return new Bare(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => {}); // The close that follows is told to those who wait.
    socket.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the broker closed the connection"));
    });
  }

  /** The answer, behind its correlation id. */
  ask(frame: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    while (this.#received >= LENGTH_BYTES) {
      if ((this.#chunks[0]?.length ?? 0) < LENGTH_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
      const length = LENGTH_BYTES + (this.#chunks[0]?.readInt32BE(0) ?? 0);
      if (this.#received < length) return;
      const whole = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#received -= length;
      this.#chunks = this.#received > 0 ? [whole.subarray(length)] : [];
      this.#waiting.shift()?.resolve(whole.subarray(LENGTH_BYTES + CORRELATION_BYTES, length));
    }
  }
}

/** A produce of one batch, acknowledged by all replicas. */
const produceFrame = (topic: string, count: number): Uint8Array => {
  const records = Array.from({ length: count }, (_, at) => ({
    key: null,
    value: Buffer.from(`record ${at}`.padEnd(RECORD_BYTES, ".")),
    headers: [],
  }));
  const { pieces } = encodeBatch(records, { timestampMs: Date.now() });
  const topicData = [{ name: topic, topicId: UUID_ZERO, partitionData: [{ index: 0, records: concat(pieces) }] }];
  return frameOf(produce, PRODUCE_VERSION, { transactionalId: null, acks: -1, timeoutMs: 30_000, topicData });
};

const checkProduced = (body: Buffer): void => {
  const { errorCode } = decodeResponse(produce, body, PRODUCE_VERSION).responses[0]!.partitionResponses[0]!;
  if (errorCode !== 0) throw new Error(`a produce was refused with ${errorCode}`);
};

export interface Work {
  readonly requests: number;
  readonly bytes: number;
  readonly records: number;
  readonly elapsedMs: number;
}

/** `producers` that each wait for the answer before they go on. */
export const produceSmall = async (bootstrap: string, topic: string, load: { producers: number; forMs: number }): Promise<Work> => {
  const frame = produceFrame(topic, 1);
  const connections = await Promise.all(Array.from({ length: load.producers }, () => Bare.open(bootstrap)));
  const began = performance.now();
  let requests = 0;
  const go = async (connection: Bare): Promise<void> => {
    while (performance.now() - began < load.forMs) {
      checkProduced(await connection.ask(frame));
      requests++;
    }
  };
  await Promise.all(connections.map(go));
  const elapsedMs = performance.now() - began;
  for (const connection of connections) connection.close();
  return { requests, records: requests, bytes: requests * RECORD_BYTES, elapsedMs };
};

const BATCHES_IN_FLIGHT = 5;

/** Batches of 64 KB over one connection, five in flight, as a producer's defaults have it. */
export const produceBatches = async (bootstrap: string, topic: string, bytes: number): Promise<Work> => {
  const frame = produceFrame(topic, BATCH_RECORDS);
  const count = Math.ceil(bytes / (BATCH_RECORDS * RECORD_BYTES));
  const connection = await Bare.open(bootstrap);
  const began = performance.now();
  let left = count;
  const go = async (): Promise<void> => {
    while (left-- > 0) checkProduced(await connection.ask(frame));
  };
  await Promise.all(Array.from({ length: BATCHES_IN_FLIGHT }, go));
  const elapsedMs = performance.now() - began;
  connection.close();
  return { requests: count, records: count * BATCH_RECORDS, bytes: count * BATCH_RECORDS * RECORD_BYTES, elapsedMs };
};

const fetchFrame = (topic: string, fetchOffset: number): Uint8Array => {
  const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, logStartOffset: -1 };
  const rest = { partitionMaxBytes: PARTITION_BYTES, replicaDirectoryId: UUID_ZERO, highWatermark: 0 };
  return frameOf(fetch, FETCH_VERSION, {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: UUID_ZERO, partitions: [{ ...partition, ...rest }] }],
    forgottenTopicsData: [],
    rackId: "",
  });
};

/** The offset behind the last whole batch, or -1 when there is none. */
const nextOffset = (batches: Uint8Array): number => {
  const view = new DataView(batches.buffer, batches.byteOffset, batches.byteLength);
  let next = -1;
  for (let at = 0; at + BASE_OFFSET_AND_LENGTH_BYTES <= batches.length; ) {
    const end = at + BASE_OFFSET_AND_LENGTH_BYTES + view.getInt32(at + 8);
    if (end > batches.length) break;
    next = Number(view.getBigInt64(at)) + view.getInt32(at + LAST_OFFSET_DELTA_AT) + 1;
    at = end;
  }
  return next;
};

/** Everything from the first offset to the end, one consumer, one request at a time. */
export const fetchAll = async (bootstrap: string, topic: string, upTo: number): Promise<Work> => {
  const connection = await Bare.open(bootstrap);
  const began = performance.now();
  let [offset, bytes, requests] = [0, 0, 0];
  while (offset < upTo) {
    const answer = decodeResponse(fetch, await connection.ask(fetchFrame(topic, offset)), FETCH_VERSION);
    const { errorCode, records } = answer.responses[0]!.partitions[0]!;
    if (errorCode !== 0) throw new Error(`a fetch was refused with ${errorCode}`);
    const whole = concat(records ?? []);
    bytes += whole.length;
    requests++;
    const next = nextOffset(whole);
    if (next <= offset) throw new Error(`a fetch from ${offset} brought nothing`);
    offset = next;
  }
  connection.close();
  return { requests, bytes, records: offset, elapsedMs: performance.now() - began };
};
