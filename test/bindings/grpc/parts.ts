// What the tests of the grpc bindings share: the echo service of the scenarios, the servers and callers around it, and messages.
import { GRPC_LIMITS, type GrpcLimits } from "../../../src/bindings/grpc/config.ts";
import { Methods } from "../../../src/bindings/grpc/methods.ts";
import type { Route } from "../../../src/bindings/grpc/routes.ts";
import { served } from "../../../src/bindings/grpc/server.ts";
import { patternOf } from "../../../src/config/pattern.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { logTo } from "../../../src/core/log.ts";
import { OK, type Status } from "../../../src/core/status.ts";
import { Wheel } from "../../../src/flow/wheel.ts";
import type { Call, Grpc, GrpcReply, Message, Metadata } from "../../../src/ports/grpc.ts";
import type { Http, HttpHeaders, HttpRequest } from "../../../src/ports/http.ts";
import type { Services } from "../../../src/resources/catalog.ts";
import { ManualClock } from "../../kit/clock.ts";

export const HW = Buffer.from("0a0b48656c6c6f20576f726c64", "hex");
export const HW1 = Buffer.from("0a0c48656c6c6f20576f726c6431", "hex");
export const HW2 = Buffer.from("0a0c48656c6c6f20576f726c6432", "hex");
export const LARGE = Buffer.concat([Buffer.from("0a80a006", "hex"), Buffer.alloc(102400, "a")]);

/** Messages with their prefixes. */
export const body = (...messages: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    messages.flatMap((message) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      return [prefix, message];
    }),
  );

export const NOBODY = { address: "127.0.0.1", port: 5, localAddress: "127.0.0.1", localPort: 8080 } as const;

export const STD_HEADERS: HttpHeaders = [
  ["content-type", "application/grpc"],
  ["te", "trailers"],
  ["custom", "test"],
];

/** The scenarios' request: a call of example.EchoService. */
export const std = (method: string, given: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  scheme: "http",
  authority: "localhost:8080",
  path: `/example.EchoService/${method}`,
  headers: STD_HEADERS,
  peer: NOBODY,
  ...given,
});

export const SERVICES: Services = new Map([
  [
    "example.EchoService",
    new Map([
      ["EchoUnary", { requestStream: false, responseStream: false }],
      ["EchoClientStream", { requestStream: true, responseStream: false }],
      ["EchoServerStream", { requestStream: false, responseStream: true }],
      ["EchoStream", { requestStream: true, responseStream: true }],
    ]),
  ],
]);

/** What a test's service has seen of one call. */
export interface Seen {
  readonly call: Call;
  readonly messages: Message[];
  halfClosed: boolean;
  cancelled: Status | undefined;
}

/** What a test's service does: with the reply from a later turn on, or by throwing. */
export interface Doing {
  /** At the call, once it is open. */
  readonly opened?: (reply: GrpcReply) => void;
  /** With that many messages. */
  readonly received?: { readonly messages: number; readonly answer: (reply: GrpcReply) => void };
  readonly halfClosed?: (reply: GrpcReply) => void;
  readonly refuses?: unknown;
}

/** A service that keeps what it sees and does what it is told. */
export class Fake {
  readonly seen: Seen[] = [];
  readonly #doing: Doing;

  constructor(doing: Doing = {}) {
    this.#doing = doing;
  }

  get only(): Seen {
    if (this.seen.length !== 1) throw new Error(`the service saw ${this.seen.length} calls`);
    return this.seen[0]!;
  }

  /** With what the only call was cancelled. */
  get cancelCode(): number | undefined {
    return this.only.cancelled?.code;
  }

  readonly service: Grpc = (call, reply) => {
    const { opened, received, halfClosed, refuses } = this.#doing;
    const seen: Seen = { call, messages: [], halfClosed: false, cancelled: undefined };
    this.seen.push(seen);
    if (refuses !== undefined) throw refuses;
    if (opened) setImmediate(() => opened(reply));
    return {
      write(batch) {
        const before = seen.messages.length;
        seen.messages.push(...batch.map((message) => Buffer.from(message)));
        if (received && before < received.messages && seen.messages.length >= received.messages) received.answer(reply);
        return true;
      },
      end() {
        seen.halfClosed = true;
        halfClosed?.(reply);
      },
      cancel(status) {
        seen.cancelled = status;
      },
      ready() {},
    };
  };
}

/** Answers with metadata, messages and an end. */
export const answering =
  (messages: readonly Message[], { headers, status = OK, trailers }: { headers?: Metadata; status?: Status; trailers?: Metadata } = {}) =>
  (reply: GrpcReply): void => {
    if (headers) reply.headers(headers);
    for (const message of messages) reply.write([message]);
    reply.end(status, trailers);
  };

export interface Served {
  readonly http: Http;
  readonly clock: ManualClock;
  readonly wheel: Wheel;
  readonly lines: string[];
}

export interface Serving {
  readonly routes?: readonly Route[];
  readonly limits?: Partial<GrpcLimits>;
  readonly services?: readonly Services[];
  readonly clock?: Clock;
}

/** The scenarios' server in front of a service: its routes need the metadata `custom: test`. */
export const servedTo = (service: Grpc, { routes, limits, services = [SERVICES] }: Serving = {}): Served => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const lines: string[] = [];
  const log = logTo((line) => lines.push(line), "debug");
  const methods = new Methods({ subjects: services.map((each) => () => each), routes: routes ?? [scenarioRoute(service)], clock, log });
  const parts = {
    wheel,
    log,
    binding: "test:server",
    limits: { ...GRPC_LIMITS, ...limits },
    dropped: (name: string) => lines.push(`dropped ${name}`),
  };
  return { http: served(methods, parts, () => clock.now()), clock, wheel, lines };
};

export const scenarioRoute = (to: Grpc): Route => ({
  to,
  when: [{ method: patternOf("example.EchoService/*"), metadata: [{ name: "custom", text: "test", bytes: utf8("test") }] }],
});
