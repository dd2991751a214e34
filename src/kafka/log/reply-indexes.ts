// The indexes of a process: one a log and header, made when a call first needs it, and made anew when its log began anew.
import { fail } from "../../core/status.ts";
import { REPLY_INDEX_BYTES_MAX } from "./limits.ts";
import { LogMemory } from "./log-memory.ts";
import { ReplyIndex } from "./reply-index.ts";
import type { TopicLog } from "./topic-log.ts";
import type { Turns } from "./turns.ts";

export class ReplyIndexes {
  readonly #turns: Turns;
  readonly #memory: LogMemory;
  readonly #byLog = new Map<TopicLog, Map<string, ReplyIndex>>();

  constructor(turns: Turns, bytesMax = REPLY_INDEX_BYTES_MAX) {
    this.#turns = turns;
    this.#memory = new LogMemory(bytesMax);
  }

  /** The log's index of that header; building it begins when it is first asked for. */
  of(log: TopicLog, header: string): ReplyIndex {
    const known = this.#byLog.get(log) ?? new Map<string, ReplyIndex>();
    this.#byLog.set(log, known);
    const index = known.get(header);
    if (index && !index.over) return index;
    const made = new ReplyIndex({ log, header, memory: this.#memory, turns: this.#turns });
    known.set(header, made);
    return made;
  }

  /** The log is not read any more. */
  forget(log: TopicLog): void {
    const status = fail("UNAVAILABLE", `topic '${log.topic}' is not read any more`).status;
    for (const index of this.#byLog.get(log)?.values() ?? []) index.close(status);
    this.#byLog.delete(log);
  }

  /** Bytes taken by all of them. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Records of all logs that went because of the limit. */
  get dropped(): number {
    let dropped = 0;
    for (const indexes of this.#byLog.values()) for (const index of indexes.values()) dropped += index.dropped;
    return dropped;
  }
}
