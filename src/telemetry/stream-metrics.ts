// The `stream.*` metrics: what goes through any port, counted by direction. "Received" is from the caller into the binding.
import type { Counter } from "../core/counters.ts";
import { Code, type Status } from "../core/status.ts";
import { type Watch, watched } from "../flow/watched.ts";
import type { Connection, ConnectionHandler, Connector } from "../ports/connection.ts";
import type { ConsumeEvent, Kafka, StoredRecord } from "../ports/kafka.ts";
import type { Batch, Service } from "../ports/service.ts";
import type { BindingSeries } from "./series.ts";

interface Direction {
  readonly active: Counter;
  readonly opens: Counter;
  readonly closes: Counter;
  readonly errors: Counter;
  readonly data: Counter;
}

/** Both directions of one binding. */
export interface StreamSeries {
  readonly received: Direction;
  readonly sent: Direction;
}

const directionOf = (series: BindingSeries, direction: "received" | "sent"): Direction => ({
  active: series.counter(`stream.active.${direction}`),
  opens: series.counter(`stream.opens.${direction}`),
  closes: series.counter(`stream.closes.${direction}`),
  errors: series.counter(`stream.errors.${direction}`),
  data: series.counter(`stream.data.${direction}`),
});

export const streamSeries = (series: BindingSeries): StreamSeries => ({
  received: directionOf(series, "received"),
  sent: directionOf(series, "sent"),
});

const opened = (direction: Direction): void => {
  direction.opens.value += 1;
  direction.active.value += 1;
};
type Ending = "closes" | "errors";
const closed = (direction: Direction, how: Ending): void => {
  direction.active.value -= 1;
  direction[how].value += 1;
};

type Size<T> = (item: T) => number;
const bytes: Size<Uint8Array> = (item) => item.length;
const valueBytes: Size<StoredRecord> = (record) => record.value?.length ?? 0;
const eventBytes: Size<ConsumeEvent> = (event) =>
  event.kind === "records" ? event.records.reduce((sum, record) => sum + valueBytes(record), 0) : 0;
const nothing: Size<unknown> = () => 0;

class StreamTally<Request, Response> implements Watch<Request, Response> {
  readonly #series: StreamSeries;
  readonly #sizes: { readonly request: Size<Request>; readonly response: Size<Response> };
  #requesting = true;

  constructor(series: StreamSeries, sizes: { readonly request: Size<Request>; readonly response: Size<Response> }) {
    this.#series = series;
    this.#sizes = sizes;
    opened(series.received);
    opened(series.sent);
  }
  requests(batch: Batch<Request>): void {
    for (const item of batch) this.#series.received.data.value += this.#sizes.request(item);
  }
  replies(batch: Batch<Response>): void {
    for (const item of batch) this.#series.sent.data.value += this.#sizes.response(item);
  }
  halfClosed(): void {
    this.#requesting = false;
    closed(this.#series.received, "closes");
  }
  ended({ code }: Status): void {
    const how: Ending = code === Code.OK ? "closes" : "errors";
    if (this.#requesting) closed(this.#series.received, how);
    closed(this.#series.sent, how);
  }
}

/** A service of chunks or messages, counted. */
export const countedService = <Head, Meta>(
  series: StreamSeries,
  service: Service<Head, Uint8Array, Uint8Array, Meta>,
): Service<Head, Uint8Array, Uint8Array, Meta> => watched(() => new StreamTally(series, { request: bytes, response: bytes }), service);

/** Fetches and memberships are streams; a produce counts its values as received data. */
export const countedKafka = (series: StreamSeries, kafka: Kafka): Kafka => ({
  produce(to, records, receipt) {
    for (const { value } of records) series.received.data.value += value?.length ?? 0;
    kafka.produce(to, records, receipt);
  },
  fetch: watched(() => new StreamTally(series, { request: nothing, response: valueBytes }), kafka.fetch),
  consume: watched(() => new StreamTally(series, { request: nothing, response: eventBytes }), kafka.consume),
  ...(kafka.source && { source: kafka.source }),
  ...(kafka.ownReplies && { ownReplies: kafka.ownReplies }),
  ...(kafka.timeoutMs !== undefined && { timeoutMs: kafka.timeoutMs }),
  ...(kafka.servers !== undefined && { servers: kafka.servers }),
});

/** Counts a socket from now until it closes; the bytes when it has. */
const countSocket = (series: StreamSeries, { socket }: Connection): void => {
  opened(series.received);
  opened(series.sent);
  let how: Ending = "closes";
  socket.on("error", () => {
    how = "errors";
  });
  socket.once("close", () => {
    closed(series.received, how);
    closed(series.sent, how);
    const { bytesRead = 0, bytesWritten = 0 } = socket as { bytesRead?: number; bytesWritten?: number }; // Sockets have them, other streams do not.
    series.received.data.value += bytesRead;
    series.sent.data.value += bytesWritten;
  });
};

/** An accepting binding: its sockets are streams. */
export const countedHandler =
  (series: StreamSeries, handler: ConnectionHandler): ConnectionHandler =>
  (connection) => {
    countSocket(series, connection);
    handler(connection);
  };

/** A connecting binding: "received" is what it was asked to send. */
export const countedConnector = (series: StreamSeries, connector: Connector): Connector => {
  const outward: StreamSeries = { received: series.sent, sent: series.received };
  return {
    connect: (to, connected, failed) =>
      connector.connect(
        to,
        (connection) => {
          countSocket(outward, connection);
          connected(connection);
        },
        failed,
      ),
    dial: connector.dial,
  };
};
