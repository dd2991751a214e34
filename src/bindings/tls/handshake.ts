// How long a handshake may take.
import type { Runtime } from "../binding.ts";

export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** `-P zilla.binding.tls.handshake.timeout`, in seconds or as `PT10S`. */
export const handshakeTimeoutMs = (runtime: Runtime): number => {
  const found = runtime.property("zilla.binding.tls.handshake.timeout");
  if (found === undefined) return HANDSHAKE_TIMEOUT_MS;
  const [, seconds] = /^(?:PT)?(\d{1,6})S?$/.exec(found) ?? [];
  if (seconds !== undefined && Number(seconds) > 0) return Number(seconds) * 1_000;
  runtime.log.warn("zilla.binding.tls.handshake.timeout is no number of seconds; it has no effect", { found });
  return HANDSHAKE_TIMEOUT_MS;
};
