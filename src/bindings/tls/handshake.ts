// How long a handshake may take.
import type { Runtime } from "../binding.ts";

export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** `-P zilla.binding.tls.handshake.timeout`, in seconds or as `PT10S`. */
export const handshakeTimeoutMs = (runtime: Runtime): number => {
  const text = runtime.property("zilla.binding.tls.handshake.timeout") ?? "";
  const [, seconds] = /^(?:PT)?(\d+)S?$/.exec(text) ?? [];
  return seconds === undefined || Number(seconds) === 0 ? HANDSHAKE_TIMEOUT_MS : Number(seconds) * 1_000;
};
