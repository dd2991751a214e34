// The grpc port: encoded messages without their five-byte prefix, never compressed.
import type { Peer } from "./connection.ts";
import type * as port from "./service.ts";

/**
 * In the order received, duplicates kept; names in lower case and whole (`trace-bin` keeps its ending); values as the text that was
 * sent, so a binary one is the base64 text as received. Without pseudo headers, `te`, `content-type`, `user-agent`, what describes the
 * HTTP message or the connection (`content-length`, `host`, …) and `grpc-*`; of the last, replies keep `grpc-status-details-bin` and
 * `grpc-retry-pushback-ms`, which are the application's.
 */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** What is known of a method from its proto. */
export interface Method {
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** Who calls, as a guard found it. */
export interface Session {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The facts of a call. Nothing here can be called, so a layer may hand on a copy with other facts. */
export interface Call {
  /** With its package: `grpc.examples.echo.Echo`. */
  readonly service: string;
  readonly method: string;
  /** Absent when no proto told. */
  readonly descriptor?: Method;
  readonly scheme: string;
  readonly authority: string;
  readonly metadata: Metadata;
  /** Unix time in milliseconds; Infinity without one. */
  readonly deadlineMs: number;
  /** By guard name. */
  readonly sessions?: Readonly<Record<string, Session>>;
  readonly peer?: Peer;
}

/** One encoded message; lent: who keeps it past the call copies it. */
export type Message = Uint8Array;
/** A gRPC service, or what looks like one. */
export type Grpc = port.Service<Call, Message, Message, Metadata>;
/** The caller's side of a call. */
export type GrpcReply = port.Reply<Message, Metadata>;
/** The service's side of a call. */
export type GrpcRequests = port.Requests<Message>;
/** From a service to a service. */
export type Layer = (next: Grpc) => Grpc;
