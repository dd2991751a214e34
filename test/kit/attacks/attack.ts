// What an attack is: what it is called, what it does on one connection, and how a server that contains it ends it.
import { SMALL_PATH } from "../plain-service.ts";
import type { Wire } from "./wire.ts";

export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

export const codeName = (code: number): string => Object.entries(ErrorCode).find(([, known]) => known === code)?.[0] ?? String(code);

export interface Attack {
  readonly name: string;
  /** GOAWAY and the end of the connection with one of these codes; `reset`: its streams are reset with that code, and the connection may stay. */
  readonly ends: { readonly goaway: readonly number[] } | { readonly reset: number };
  /** It waits for timers: how long a server may take. Absent: it goes on until it is ended, or has sent all. */
  readonly waitsMs?: number;
  run(port: number): Promise<Wire>;
}

/** Field → value. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A request that plain servers and gRPC servers take. */
export const requestTo = (path: string): Fields => [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "127.0.0.1"],
  [":path", path],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
];
export const REQUEST = requestTo(SMALL_PATH);

/** Sends what `frames` makes of a stream's number until the server has ended it, or there were so many. */
export const stream = async (wire: Wire, count: number, frames: (id: number) => readonly Buffer[]): Promise<Wire> => {
  for (let i = 0; i < count; i++) if (!(await wire.send(...frames(2 * i + 1)))) return wire;
  await wire.flush();
  return wire;
};
