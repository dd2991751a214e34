// The one way to fail. Every layer speaks of failure as a gRPC status; it is turned into trailers, reset codes and log lines at the
// edges only.

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
/** The codes' names, as the specification spells them. */
export type CodeName = keyof typeof Code;

/** How an exchange ended. `code` is a number, not a `Code`: a peer may send one that nobody has named yet. */
export interface Status {
  readonly code: number;
  readonly message: string;
  /** Surely nobody has begun to work on it (a refused stream, a connection that never stood): it may be tried again. Stays in the process. */
  readonly unprocessed?: true;
}

/** It went well. */
export const OK: Status = { code: Code.OK, message: "" };
/** What an exchange ends with when its caller is gone. */
export const CANCELLED: Status = { code: Code.CANCELLED, message: "the caller left" };
/** What an exchange ends with when its time is over. */
export const DEADLINE_EXCEEDED: Status = { code: Code.DEADLINE_EXCEEDED, message: "deadline exceeded" };
/** What a caller is told of a bug. */
export const INTERNAL: Status = { code: Code.INTERNAL, message: "internal error" };

const NAMES = Object.keys(Code) as readonly CodeName[]; // The keys of that record.
/** `UNAVAILABLE` for 14; the number as text for a code without a name. */
export const codeName = (code: number): string => NAMES[code] ?? String(code);

/** A status that is thrown. `cause` is for the log and never leaves the process. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status, cause?: unknown) {
    super(`${codeName(status.code)}: ${status.message}`, cause === undefined ? undefined : { cause });
    this.name = "StatusError";
    this.status = status;
  }

  /** Itself, or INTERNAL "internal error" with the original as `cause`: what was not meant for a caller does not reach one. */
  static from(reason: unknown): StatusError {
    return reason instanceof StatusError ? reason : new StatusError(INTERNAL, reason);
  }
}

/** `fail("UNAVAILABLE", "…")`: a StatusError, to be thrown or to take the status from. */
export const fail = (name: CodeName, message: string, cause?: unknown): StatusError =>
  new StatusError({ code: Code[name], message }, cause);
