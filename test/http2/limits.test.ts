import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LIMITS } from "../../src/http2/counters.ts";
import * as limits from "../../src/http2/limits.ts";

const README = readFileSync(new URL("../../src/http2/README.md", import.meta.url), "utf8");

test("the table of limits has each that is counted, in their order", () => {
  assert.deepEqual(
    [...README.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name]) => name),
    LIMITS,
  );
});

test("the table says the numbers that are", () => {
  const mebi = (bytes: number): string => `${bytes / 1_048_576} MiB`;
  const rate = ({ burst, perSecond }: limits.Rate): string => `${burst.toLocaleString("en-US")} at once, ${perSecond} a second`;
  for (const [name, text] of [
    ["handshake", `${limits.HANDSHAKE_TIMEOUT_MS / 1000} s`],
    ["frame", `${limits.FRAME_TIMEOUT_MS / 1000} s, seen within ${(2 * limits.FRAME_TIMEOUT_MS) / 1000} s`],
    ["idle", `${limits.IDLE_TIMEOUT_MS / 60_000} min`],
    ["keepalive", `server ${limits.SERVER_KEEP_ALIVE_QUIET_MS / 60_000} min, client ${limits.KEEP_ALIVE_QUIET_MS / 1000} s`],
    ["stall", `${limits.STALL_TIMEOUT_MS / 1000} s`],
    ["queue", `${mebi(limits.QUEUE_BYTES_MAX)} a stream, ${mebi(limits.CONNECTION_QUEUE_BYTES_MAX)} a connection`],
    ["backlog", mebi(limits.BACKLOG_BYTES_MAX)],
    ["headers", `${limits.HEADER_PAIRS_MAX} fields`],
    ["continuations", `${limits.HEADER_BLOCK_BYTES_MAX / 1024} KiB, ${limits.CONTINUATIONS_MAX} CONTINUATIONs`],
    ["resets", rate(limits.RESETS)],
    ["empty", rate(limits.EMPTY_FRAMES)],
    ["windows", rate(limits.WINDOW_UPDATES)],
    ["priorities", rate(limits.PRIORITIES)],
    ["pings", `${limits.IDLE_PINGS_PER_MINUTE_MAX} a minute`],
    ["settings", `${limits.SETTINGS_PER_MINUTE_MAX} a minute; ${limits.SETTINGS_PER_FRAME_MAX}`],
  ] as const)
    assert.match(README, new RegExp(`^\\| \`${name}\` \\|.*${text.replaceAll("(", "\\(")}`, "m"), name);
});
