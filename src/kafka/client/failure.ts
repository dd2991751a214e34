// Why a connection to a broker failed, in words that help: the library's errors are nested, and the reason is the innermost.
import type { KafkaEvent } from "./report.ts";

export interface Failure {
  readonly reason: string;
  readonly event: KafkaEvent;
  /** Trying again soon will hardly help: the configuration or the broker has to change. */
  readonly lasting: boolean;
}

const SYSTEM: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "the host's name is not known",
  EAI_AGAIN: "the host's name could not be resolved",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "no answer in time",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
};

/** OpenSSL's verification results, and Node's own. */
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO$)/;
const CHAIN_MAX = 16;

interface Fields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly apiId?: unknown;
  readonly serverErrorMessage?: unknown;
}

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The error and all that it was caused by, outermost first. */
const chainOf = (error: unknown): readonly Fields[] => {
  const chain: Fields[] = [];
  let rest: unknown[] = [error];
  while (rest.length > 0 && chain.length < CHAIN_MAX) {
    const next: unknown[] = [];
    for (const one of rest) {
      if (!isObject(one)) continue;
      chain.push(one);
      if (Array.isArray(one.errors)) next.push(...one.errors);
      if (one.cause !== undefined) next.push(one.cause);
    }
    rest = next;
  }
  return chain;
};

const sasl = (chain: readonly Fields[], mechanism: string | undefined): Failure | undefined => {
  const unsupported = chain.some(({ apiId }) => apiId === "UNSUPPORTED_SASL_MECHANISM");
  if (unsupported)
    return { reason: `the broker does not offer SASL ${mechanism ?? ""} here`, event: "unsupported.sasl.mechanism", lasting: true };
  if (!chain.some(({ code, apiId }) => code === "PLT_KFK_AUTHENTICATION" || apiId === "SASL_AUTHENTICATION_FAILED")) return undefined;
  const said = chain.map(({ serverErrorMessage }) => textOf(serverErrorMessage)).find((message) => message !== "");
  const inner = textOf(chain.at(-1)?.message);
  return { reason: `SASL ${mechanism ?? ""} authentication failed: ${said ?? inner}`, event: "sasl.authentication.failed", lasting: true };
};

const tls = (chain: readonly Fields[]): Failure | undefined => {
  const broken = chain.find(({ code }) => TLS.test(textOf(code)));
  if (broken) return { reason: `TLS: ${textOf(broken.message)}`, event: "broker.connection.failed", lasting: true };
  const said = chain.map(({ message }) => textOf(message)).join("\n");
  if (said.includes("requires TLS"))
    return {
      reason: "the broker speaks TLS there: put a tls client behind this binding",
      event: "broker.connection.failed",
      lasting: true,
    };
  if (said.includes("TLS handshake failed") || said.includes("secure TLS connection"))
    return {
      reason: "the TLS handshake failed: does the broker speak TLS there, and does it accept our certificate",
      event: "broker.connection.failed",
      lasting: true,
    };
  return undefined;
};

/** `mechanism` is the SASL mechanism in use, for the words. */
export const explain = (error: unknown, mechanism?: string): Failure => {
  const chain = chainOf(error);
  const unsupported = chain.find(({ name }) => name === "UnsupportedVersion");
  if (unsupported) return { reason: textOf(unsupported.message), event: "api.version.rejected", lasting: true };
  const known = sasl(chain, mechanism) ?? tls(chain);
  if (known) return known;
  const system = chain.map(({ code }) => SYSTEM[textOf(code)]).find((reason) => reason !== undefined);
  const innermost = textOf(chain.at(-1)?.message);
  return { reason: system ?? (innermost || String(error)), event: "broker.connection.failed", lasting: false };
};
