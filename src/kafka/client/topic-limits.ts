// How large a batch each topic takes: asked for when a topic is first written to, and now and then again.
import type { Clock } from "../../core/clock.ts";
import { askMessageBytesMax } from "./calls.ts";
import type { Link } from "./link.ts";

/** Kafka's default of `max.message.bytes`, for topics whose configuration we may not see. */
export const MESSAGE_BYTES_DEFAULT = 1_048_588;
/** What is known is used for so long. */
export const LIMIT_AGE_MS = 300_000;

export interface TopicLimitsOptions {
  readonly clock: Clock;
  /** Any broker. */
  link(): Promise<Link>;
  /** For tests; `askMessageBytesMax` else. */
  readonly ask?: (link: Link, topic: string) => Promise<number | undefined>;
}

interface Limit {
  bytes: number;
  askedMs: number;
  asking: boolean;
}

export class TopicLimits {
  readonly #options: TopicLimitsOptions;
  readonly #limits = new Map<string, Limit>();

  constructor(options: TopicLimitsOptions) {
    this.#options = options;
  }

  /** `max.message.bytes` of the topic; undefined until it has been resolved once. Asks again, without waiting, when it is old. */
  known(topic: string): number | undefined {
    const limit = this.#limits.get(topic);
    if (limit === undefined) return undefined;
    if (this.#options.clock.monotonicMs() - limit.askedMs > LIMIT_AGE_MS && !limit.asking) this.#ask(topic, limit).catch(() => {});
    return limit.bytes;
  }

  /** Never rejects: where nobody tells, it is Kafka's default. */
  async resolve(topic: string): Promise<number> {
    const known = this.known(topic);
    if (known !== undefined) return known;
    const limit: Limit = { bytes: MESSAGE_BYTES_DEFAULT, askedMs: 0, asking: false };
    await this.#ask(topic, limit);
    this.#limits.set(topic, limit);
    return limit.bytes;
  }

  async #ask(topic: string, limit: Limit): Promise<void> {
    const { clock, link, ask = askMessageBytesMax } = this.#options;
    limit.asking = true;
    limit.askedMs = clock.monotonicMs();
    try {
      limit.bytes = (await ask(await link(), topic)) ?? limit.bytes;
    } catch {
      // Then what is known, or the default, has to do.
    } finally {
      limit.asking = false;
    }
  }
}
