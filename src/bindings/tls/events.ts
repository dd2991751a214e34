// Why TLS did not come about, in the names of the original's events.
import type { Runtime } from "../binding.ts";
import type { TlsConfig } from "./config.ts";

type TlsEvent = "tls.failed" | "protocol.rejected" | "key.rejected" | "peer.not.verified" | "handshake.failed" | "handshake.timeout";

/** OpenSSL's and Node's codes, by what they begin or end with; the first that fits. */
const EVENTS: readonly (readonly [pattern: RegExp, event: TlsEvent])[] = [
  [/^ERR_TLS_HANDSHAKE_TIMEOUT$/, "handshake.timeout"],
  [/APPLICATION_PROTOCOL|UNSUPPORTED_PROTOCOL|WRONG_VERSION|PROTOCOL_VERSION|HTTP_REQUEST|UNKNOWN_PROTOCOL/, "protocol.rejected"],
  [/NO_SHARED_CIPHER|NO_SUITABLE|NO_CERTIFICATE_SET/, "key.rejected"],
  [
    /ALTNAME|DID_NOT_RETURN_A_CERTIFICATE|^CERT_|^UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|^CRL_|^INVALID_CA$|^PATH_LENGTH|^HOSTNAME_MISMATCH/,
    "peer.not.verified",
  ],
  [/^ERR_SSL_|^ECONNRESET$|^EPROTO$/, "handshake.failed"],
];

export const eventOf = (code: string): TlsEvent => EVENTS.find(([pattern]) => pattern.test(code))?.[1] ?? "tls.failed";

/** Emits the event of a code, with what is known of it. */
export const tlsFailed = (
  { namespace, name }: TlsConfig,
  { events, clock }: Runtime,
  { code, about }: { code: string; about: string },
): void => {
  events.emit({ namespace, name, event: `binding.tls.${eventOf(code)}`, message: `${about}: ${code}`, timeMs: clock.now() });
};

/** The code of an error, else its message. */
export const codeOf = (reason: Error): string => ("code" in reason && typeof reason.code === "string" ? reason.code : reason.message);
