// The life of one member of a group of the classic protocol: finds the coordinator, joins, shares out partitions when it leads, keeps its session alive, and joins
// again when the group changes. Cooperative: partitions that stay are read on meanwhile.
import { type Status, StatusError } from "../../core/status.ts";
import type { TopicPartition } from "../../ports/kafka.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import { assign } from "./assignor.ts";
import { backoffMs } from "./backoff.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./consumer-protocol.ts";
import type { ClientContext } from "./context.ts";
import { type Coordinator, GroupRefused } from "./coordinator.ts";
import type { GroupCalls, Joined, MemberIdentity } from "./group-calls.ts";
import { isElsewhere } from "./group-errors.ts";
import type { Life } from "./life.ts";

export const SESSION_MS = 10_000;
export const HEARTBEAT_MS = 3_000;
/** How long the others wait for a member that has not joined again. */
export const REBALANCE_MS = 30_000;
/** A group that others hold is tried again after so long. */
export const HELD_MS = 2_000;

const ILLEGAL_GENERATION = 22;
const INCONSISTENT_GROUP_PROTOCOL = 23;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const GROUP_AUTHORIZATION_FAILED = 30;
const MEMBER_ID_REQUIRED = 79;
const GROUP_MAX_SIZE_REACHED = 81;

export interface MembershipOptions {
  readonly context: ClientContext;
  readonly calls: GroupCalls;
  readonly life: Life;
  readonly coordinator: Pick<Coordinator, "link" | "groupLink" | "moved" | "close">;
  readonly group: string;
  readonly topics: readonly string[];
  /** Of a static member, which keeps its partitions when it comes back within its session. */
  readonly instance?: string;
  assigned(partitions: readonly TopicPartition[]): void;
  /** Resolves when they have been let go. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  lost(partitions: readonly TopicPartition[]): void;
  /** The group cannot be used. */
  failed(status: Status): void;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;
const without = (from: readonly TopicPartition[], what: readonly TopicPartition[]): readonly TopicPartition[] => {
  const names = new Set(what.map(nameOf));
  return from.filter((partition) => !names.has(nameOf(partition)));
};

export class Membership {
  readonly #options: MembershipOptions;
  readonly #coordinator: MembershipOptions["coordinator"];
  #id = "";
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  #letting: Promise<void> | undefined;
  #leads = false;
  /** How many partitions each topic had when they were shared out last. */
  #shared: ReadonlyMap<string, number> = new Map();
  #rejoin = false;
  #wake: (() => void) | undefined;
  #failures = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#coordinator = options.coordinator;
  }

  get identity(): MemberIdentity {
    const { group, instance = null } = this.#options;
    return { protocol: "classic", group, id: this.#id, generation: this.#generation, instance };
  }

  /** Until the life ends, or the group refuses for good. */
  async run(): Promise<void> {
    const unwatch = this.#watch();
    try {
      while (!this.#options.life.over) {
        if (await this.#join()) await this.#stay();
      }
    } catch (reason) {
      if (this.#options.life.over) return;
      this.#forget();
      this.#options.failed(StatusError.from(reason).status);
    } finally {
      unwatch();
      this.#coordinator.close();
    }
  }

  /** Something was answered that makes it likely that the group has changed. */
  check(): void {
    this.#wake?.();
  }

  /** Says that the member is going, so that nobody waits for its session to pass. */
  async leave(): Promise<void> {
    if (this.#id === "" || this.#options.instance !== undefined) return;
    const link = await this.#coordinator.link();
    await this.#options.calls.leave(link, this.identity);
  }

  /** The leader shares out again when a topic has got partitions. */
  #watch(): () => void {
    const { context, topics } = this.#options;
    const unwatches = topics.map((topic) =>
      context.metadata.watch(topic, ({ error, partitions }) => {
        const shared = this.#shared.get(topic);
        if (error !== 0 || !this.#leads || shared === undefined || shared === partitions.length) return;
        this.#rejoin = true;
        this.#wake?.();
      }),
    );
    return () => {
      for (const unwatch of unwatches) unwatch();
    };
  }

  /** Whether it is a member now, with its partitions. */
  async #join(): Promise<boolean> {
    const { calls, life, topics } = this.#options;
    this.#rejoin = false;
    try {
      const link = await life.until(this.#coordinator.groupLink());
      const subscription = encodeSubscription({ topics, owned: this.#owned, generation: this.#generation });
      const asked = { sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS, subscription };
      const joined = await life.until(calls.join(link, this.identity, asked));
      if (joined.error !== 0) return await this.#notJoined(joined);
      this.#id = joined.id;
      this.#generation = joined.generation;
      this.#leads = joined.leads;
      const { error, assignment } = await life.until(calls.sync(link, this.identity, await this.#share(joined)));
      if (error !== 0) return await this.#refused(error);
      this.#failures = 0;
      this.#apply(decodeAssignment(assignment));
      return true;
    } catch (reason) {
      if (life.over || reason instanceof GroupRefused) throw reason;
      await this.#unreachable();
      return false;
    }
  }

  async #notJoined({ error, id }: Joined): Promise<boolean> {
    if (error === MEMBER_ID_REQUIRED) {
      this.#id = id;
      return false;
    }
    if (error === INCONSISTENT_GROUP_PROTOCOL) {
      await this.#held();
      return false;
    }
    return this.#refused(error);
  }

  /** What to do about an error of any of the member's requests. False: it has to join again. */
  async #refused(error: number): Promise<false> {
    const { group, life, context } = this.#options;
    if (error === REBALANCE_IN_PROGRESS) return false;
    if (error === UNKNOWN_MEMBER_ID || error === ILLEGAL_GENERATION) {
      if (error === UNKNOWN_MEMBER_ID) this.#id = "";
      this.#forget();
      return false;
    }
    if (isElsewhere(error)) {
      this.#coordinator.moved();
      await this.#pause();
      return false;
    }
    const status = kafkaStatus(error, `group '${group}'`);
    if (error === GROUP_AUTHORIZATION_FAILED) context.report.trouble("group.authorization.failed", status.message);
    else context.report.warn(status.message);
    if (!kafkaError(error).retriable && error !== GROUP_MAX_SIZE_REACHED) throw new GroupRefused(status);
    await life.wait(HELD_MS);
    return false;
  }

  /** The others speak another protocol. */
  async #held(): Promise<void> {
    const { group, context, life, calls } = this.#options;
    const protocol = await calls.protocolOf(await this.#coordinator.link(), group).catch(() => "");
    const whose =
      protocol === "rebalance"
        ? "is still held by the original's members (protocol rebalance); stop them, or use another group"
        : `is held by members that do not speak cooperative-sticky${protocol === "" ? "" : ` (protocol ${protocol})`}; stop or reconfigure them`;
    context.report.trouble("group.held", `group '${group}' ${whose}; it is tried again`);
    await life.wait(HELD_MS);
  }

  async #unreachable(): Promise<void> {
    this.#coordinator.moved();
    await this.#pause();
  }

  async #pause(): Promise<void> {
    this.#failures += 1;
    await this.#options.life.wait(backoffMs(this.#failures));
  }

  /** As the leader: who gets what. */
  async #share({ leads, skipsAssignment, members }: Joined): Promise<ReadonlyMap<string, Uint8Array>> {
    if (!leads || skipsAssignment) return new Map();
    const { metadata } = this.#options.context;
    const all = members.map(({ id, subscription }) => ({ id, ...decodeSubscription(subscription) }));
    const counts = new Map<string, number>();
    this.#shared = counts;
    for (const topic of new Set(all.flatMap(({ topics }) => topics))) {
      const view = metadata.known(topic) ?? (await this.#options.life.until(metadata.resolve(topic)).catch(() => undefined));
      if (view) counts.set(topic, view.partitions.length);
    }
    return new Map([...assign(all, counts)].map(([id, partitions]) => [id, encodeAssignment(partitions)]));
  }

  #apply(assigned: readonly TopicPartition[]): void {
    const { revoked, assigned: given } = this.#options;
    const gone = without(this.#owned, assigned);
    const added = without(assigned, this.#owned);
    this.#owned = [...this.#owned, ...added];
    if (added.length > 0) given(added);
    if (gone.length === 0) return;
    // Until they are let go they are claimed: nobody else is given them.
    const letting = revoked(gone).then(
      () => {
        if (this.#letting !== letting) return; // Lost meanwhile.
        this.#owned = without(this.#owned, gone);
        this.#letting = undefined;
        this.#rejoin = true;
        this.#wake?.();
      },
      () => {}, // The member leaves, and lets go of everything.
    );
    this.#letting = letting;
  }

  /** Heartbeats, until it has to join again. */
  async #stay(): Promise<void> {
    const { life, calls } = this.#options;
    let changing = false;
    for (;;) {
      if (this.#letting === undefined && (this.#rejoin || changing)) return;
      await life.wait(HEARTBEAT_MS, (wake) => {
        this.#wake = wake;
      });
      this.#wake = undefined;
      if (this.#letting === undefined && this.#rejoin) return;
      const error = await this.#beat(calls);
      if (error === REBALANCE_IN_PROGRESS) changing = true;
      else if (error !== 0) {
        await this.#refused(error);
        if (!isElsewhere(error)) return;
      }
    }
  }

  /** The coordinator's answer; 0 as well when it cannot be reached, since only its word ends a membership. */
  async #beat(calls: GroupCalls): Promise<number> {
    const { life } = this.#options;
    try {
      const link = await life.until(this.#coordinator.groupLink());
      const error = await life.until(calls.heartbeat(link, this.identity));
      if (error === 0) this.#failures = 0;
      return error;
    } catch {
      if (!life.over) await this.#unreachable();
      return 0;
    }
  }

  /** The membership is gone, and with it the partitions. */
  #forget(): void {
    const owned = this.#owned;
    this.#owned = [];
    this.#generation = -1;
    this.#letting = undefined;
    if (owned.length > 0) this.#options.lost(owned);
  }
}
