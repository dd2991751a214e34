// What a test needs of the machine. Where it is missing the test is left out and says so; where SLUICE_REQUIRE names it
// (`SLUICE_REQUIRE=kafka,go,kcat`) its absence is a failure, so that a CI run cannot quietly shrink. SLUICE_LEAVE_OUT leaves out what is
// there.
import { missingForKafka } from "../kafka-server/jars.ts";
import { missingForLibrdkafka } from "./librdkafka.ts";
import { isInstalled } from "./processes.ts";

export type Need = "kafka" | "go" | "kcat" | "librdkafka" | "openssl" | "keytool";

const program = (name: string): string | undefined => (isInstalled(name) ? undefined : `${name} not found`);

const MISSING: Readonly<Record<Need, () => string | undefined>> = {
  kafka: () => (process.env["SLUICE_KAFKA"] ? undefined : missingForKafka()),
  go: () => program("go"),
  kcat: () => program("kcat"),
  librdkafka: missingForLibrdkafka,
  openssl: () => program("openssl"),
  keytool: () => program("keytool"),
};
export const NEEDS = Object.keys(MISSING) as readonly Need[]; // The keys of that record.

const listed = (variable: string): readonly string[] => (process.env[variable] ?? "").split(",").filter((name) => name !== "");

/** Why that need is not met; undefined when it is. */
export const missing = (need: Need): string | undefined =>
  listed("SLUICE_LEAVE_OUT").includes(need) ? "SLUICE_LEAVE_OUT" : MISSING[need]();

/** The needs that must be met, by SLUICE_REQUIRE. */
export const required = (): readonly string[] => listed("SLUICE_REQUIRE");

/** For a suite that waits for something foreign: it fails then, and does not hang. */
const SUITE_TIMEOUT_MS = 300_000;

/**
 * Options for `test` and `describe`: `describe("…", needs("kafka"), () => …)`. `skip` has the reason when
 * something is missing; throws where it is required.
 */
export const needs = (...wanted: readonly Need[]): { readonly skip?: string; readonly timeout: number } => {
  for (const need of wanted) {
    const reason = missing(need);
    if (reason === undefined) continue;
    if (required().includes(need)) throw new Error(`${need} is required (SLUICE_REQUIRE), but ${reason}`);
    return { skip: `needs ${need}: ${reason}`, timeout: SUITE_TIMEOUT_MS };
  }
  return { timeout: SUITE_TIMEOUT_MS };
};
