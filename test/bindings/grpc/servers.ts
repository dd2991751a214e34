// HTTP servers of the grpc client's tests: they keep what they see of a request and answer as they are told.

import { routing } from "../../../src/bindings/grpc/client.ts";
import { calling } from "../../../src/bindings/grpc/client-call.ts";
import { GRPC_LIMITS, type GrpcLimits } from "../../../src/bindings/grpc/config.ts";
import type { Status } from "../../../src/core/status.ts";
import { Wheel } from "../../../src/flow/wheel.ts";
import type { Call, Grpc, Metadata } from "../../../src/ports/grpc.ts";
import type { Http, HttpReply, HttpRequest } from "../../../src/ports/http.ts";
import { ManualClock } from "../../kit/clock.ts";
import { strict } from "../../kit/strict.ts";
import { scenarioRoute } from "./parts.ts";

export interface SeenRequest {
  readonly request: HttpRequest;
  readonly chunks: Buffer[];
  halfClosed: boolean;
  cancelled: Status | undefined;
  readied: number;
}

/** What a server does, always from a later turn. */
export interface Serves {
  readonly opened?: (reply: HttpReply, seen: SeenRequest) => void;
  readonly halfClosed?: (reply: HttpReply, seen: SeenRequest) => void;
  readonly ready?: (reply: HttpReply) => void;
  readonly refuses?: unknown;
  /** Takes one batch at a time, and is ready for the next a turn later. */
  readonly slow?: true;
}

export class FakeServer {
  readonly seen: SeenRequest[] = [];
  readonly #serves: Serves;

  constructor(serves: Serves = {}) {
    this.#serves = serves;
  }

  get only(): SeenRequest {
    if (this.seen.length !== 1) throw new Error(`the server saw ${this.seen.length} requests`);
    return this.seen[0]!;
  }
  get cancelCode(): number | undefined {
    return this.only.cancelled?.code;
  }
  get body(): Buffer {
    return Buffer.concat(this.only.chunks);
  }

  readonly http: Http = strict((request, reply) => {
    const { opened, halfClosed, ready, refuses, slow } = this.#serves;
    if (refuses !== undefined) throw refuses;
    const seen: SeenRequest = { request, chunks: [], halfClosed: false, cancelled: undefined, readied: 0 };
    this.seen.push(seen);
    if (opened) setImmediate(() => opened(reply, seen));
    return {
      write(batch) {
        seen.chunks.push(...batch.map((chunk) => Buffer.from(chunk)));
        if (slow) setImmediate(() => reply.ready());
        return !slow;
      },
      end() {
        seen.halfClosed = true;
        if (halfClosed) setImmediate(() => halfClosed(reply, seen));
      },
      cancel(status) {
        seen.cancelled = status;
      },
      ready() {
        seen.readied += 1;
        ready?.(reply);
      },
    };
  });
}

export interface Client {
  readonly grpc: Grpc;
  readonly clock: ManualClock;
  readonly wheel: Wheel;
  readonly dropped: string[];
}

/** The scenarios' client in front of a server. */
export const clientOf = (http: Http, limits: Partial<GrpcLimits> = {}): Client => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const dropped: string[] = [];
  const grpc = calling(http, { clock, wheel, limits: { ...GRPC_LIMITS, ...limits }, dropped: (name) => dropped.push(name) });
  return { grpc: routing([scenarioRoute(grpc)]), clock, wheel, dropped };
};

export const TEST: Metadata = [["custom", "test"]];

export const callOf = (method: string, given: Partial<Call> = {}): Call => ({
  service: "example.EchoService",
  method,
  scheme: "http",
  authority: "localhost:8080",
  metadata: TEST,
  deadlineMs: Number.POSITIVE_INFINITY,
  ...given,
});
