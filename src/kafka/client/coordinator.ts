// The broker that coordinates a group: found when first needed, and found anew when it turns out to be another.
import { StatusError } from "../../core/status.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import { backoffMs } from "./backoff.ts";
import type { ClientContext } from "./context.ts";
import type { GroupCalls } from "./group-calls.ts";
import type { Life } from "./life.ts";
import type { Link } from "./link.ts";

const GROUP_AUTHORIZATION_FAILED = 30;
/** A join is answered when all members have joined or their time to do so has passed. */
export const GROUP_REQUEST_MS = 60_000;

/** For good: nothing is gained by trying again. */
export class GroupRefused extends StatusError {}

export class Coordinator {
  readonly #context: ClientContext;
  readonly #life: Life;
  readonly #group: string;
  readonly #calls: Pick<GroupCalls, "coordinator">;
  #broker: Promise<number> | undefined;
  #own: Link | undefined;

  constructor(
    context: ClientContext,
    life: Life,
    { group, calls }: { readonly group: string; readonly calls: Pick<GroupCalls, "coordinator"> },
  ) {
    this.#context = context;
    this.#life = life;
    this.#group = group;
    this.#calls = calls;
  }

  /** What is known of it is wrong. */
  moved(): void {
    this.#broker = undefined;
    this.#own?.close();
    this.#own = undefined;
  }

  /** A connection for commits and whatever is answered at once. */
  async link(): Promise<Link> {
    const broker = await this.#known();
    return this.#forgetting(broker, this.#context.brokers.link(broker, "commit"));
  }

  /** A connection of the group's own: a join is answered when the others have joined, and nothing behind it before. */
  async groupLink(): Promise<Link> {
    if (this.#own?.open) return this.#own;
    const broker = await this.#known();
    const link = await this.#forgetting(broker, this.#context.brokers.own(broker, GROUP_REQUEST_MS));
    this.#own = link;
    if (this.#life.over) link.close();
    return link;
  }

  /** Of this group; the others stay. */
  close(): void {
    this.#own?.close();
  }

  async #known(): Promise<number> {
    this.#broker ??= this.#find();
    const broker = this.#broker;
    try {
      return await broker;
    } catch (reason) {
      if (this.#broker === broker) this.#broker = undefined;
      throw reason;
    }
  }

  async #forgetting<T>(broker: number, opening: Promise<T>): Promise<T> {
    try {
      return await opening;
    } catch (reason) {
      this.#context.report.log.debug("the coordinator of a group cannot be reached", { group: this.#group, broker });
      this.#broker = undefined;
      throw reason;
    }
  }

  /** Rejects with GroupRefused only when the group may not be used at all. */
  async #find(): Promise<number> {
    for (let failures = 1; ; failures++) {
      const found = await this.#ask();
      if (found !== undefined) return found;
      await this.#life.wait(backoffMs(failures));
      await this.#life.until(this.#context.metadata.refresh());
    }
  }

  async #ask(): Promise<number | undefined> {
    const { brokers, report } = this.#context;
    try {
      const { error, broker } = await this.#life.until(this.#calls.coordinator(await brokers.any(), this.#group));
      if (error === 0) return brokers.has(broker) ? broker : undefined;
      const status = kafkaStatus(error, `group '${this.#group}'`);
      if (error === GROUP_AUTHORIZATION_FAILED) report.trouble("group.authorization.failed", status.message);
      if (kafkaError(error).retriable) return undefined;
      throw new GroupRefused(status);
    } catch (reason) {
      if (reason instanceof GroupRefused) throw reason;
      return undefined;
    }
  }
}
