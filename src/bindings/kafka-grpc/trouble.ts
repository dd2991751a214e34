// What keeps a binding out of its group: told when it begins, then ever more rarely while it stays the same, and once more when it is
// over. It is tried again all the time, and a line for each try would hide everything else.
import { codeName, type Status } from "../../core/status.ts";
import type { Shared } from "./shared.ts";

/** The same is said again after this, then after twice as long, and so on. */
export const TROUBLE_QUIET_MS = 60_000;
export const TROUBLE_QUIET_MS_MAX = 3_600_000;

interface Told {
  readonly why: string;
  readonly sinceMs: number;
  againMs: number;
  quietMs: number;
}

export class Trouble {
  readonly #shared: Shared;
  readonly #group: string;
  #told: Told | undefined;

  constructor(shared: Shared, group: string) {
    this.#shared = shared;
    this.#group = group;
  }

  /** The group could not be joined. */
  refused({ code, message: why }: Status): void {
    const nowMs = this.#shared.clock.now();
    const told = this.#told;
    if (told?.why !== why) {
      this.#told = { why, sinceMs: nowMs, againMs: nowMs + TROUBLE_QUIET_MS, quietMs: TROUBLE_QUIET_MS };
      this.#say(`cannot consume: ${why}`, { status: codeName(code) });
    } else if (nowMs >= told.againMs) {
      told.quietMs = Math.min(told.quietMs * 2, TROUBLE_QUIET_MS_MAX);
      told.againMs = nowMs + told.quietMs;
      this.#say(`still cannot consume: ${why}`, { status: codeName(code), sinceSeconds: secondsOf(nowMs - told.sinceMs) });
    }
  }

  /** The group has taken it. */
  joined(): void {
    if (this.#told === undefined) return;
    const afterSeconds = secondsOf(this.#shared.clock.now() - this.#told.sinceMs);
    this.#told = undefined;
    this.#shared.log.info("consumes now", { ...this.#facts(), afterSeconds });
    this.#shared.tally.event("group.joined", `joined group ${this.#group} after ${afterSeconds} s`);
  }

  /** It was a member, and is so no longer. */
  left({ code, message: why }: Status, againMs: number): void {
    this.#shared.log.warn("no longer a member of the group", { ...this.#facts(), status: codeName(code), why, againMs });
    this.#shared.tally.event("group.left", `no longer a member of group ${this.#group}: ${why}`);
  }

  #say(message: string, facts: Readonly<Record<string, string | number>>): void {
    this.#shared.log.warn(message, { ...this.#facts(), ...facts });
    this.#shared.tally.event("group.refused", `group ${this.#group}: ${message}`);
  }

  #facts(): Readonly<Record<string, string>> {
    const { binding, kafka } = this.#shared;
    return { binding, group: this.#group, ...(kafka.servers !== undefined && { kafka: kafka.servers }) };
  }
}

const secondsOf = (ms: number): number => Math.round(ms / 1_000);
