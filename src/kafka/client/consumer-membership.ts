// The life of one member of a group of the consumer protocol (KIP-848): one request is its join, its heartbeat and its leave; the
// coordinator shares out. What it takes away is let go first, and only then does the member say that it does not have it.
import { type Status, StatusError } from "../../core/status.ts";
import { ErrorCode, kafkaError, kafkaStatus } from "../wire/errors.ts";
import { backoffMs } from "./backoff.ts";
import { GroupRefused } from "./coordinator.ts";
import type { Beaten, BeatSaid, MemberIdentity } from "./group-calls.ts";
import { isElsewhere } from "./group-errors.ts";
import { UnsupportedVersion } from "./link.ts";
import { type HeldPartition, MemberAssignment } from "./member-assignment.ts";
import { HELD_MS, type MembershipOptions, REBALANCE_MS } from "./membership.ts";

const JOINS = 0;
const LEAVES = -1;
/** Of a static member, whose partitions wait for it. */
const LEAVES_FOR_NOW = -2;
/** Whatever the broker says: heartbeats are not more frequent. */
const INTERVAL_MS_MIN = 100;

/** What the original's members call their protocol. A broker takes it for one that it can share out itself and would let ours join, but they do not
 *  understand what the broker gives them. */
const ORIGINALS = "rebalance";

const CLASSIC_INSTEAD = "set 'group-protocol: classic' in the options of the kafka client";

export class ConsumerMembership {
  readonly #options: MembershipOptions;
  readonly #coordinator: MembershipOptions["coordinator"];
  readonly #assignment = new MemberAssignment();
  #id: string = crypto.randomUUID();
  #epoch = JOINS;
  /** The coordinator may know of the member. */
  #asked = false;
  /** What the coordinator was told that the member has; undefined: it has to be told everything. */
  #told: string | undefined;
  /** Memberships so far: what is let go of one is nothing to the next. */
  #term = 0;
  #due = false;
  #wake: (() => void) | undefined;
  #failures = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#coordinator = options.coordinator;
  }

  get identity(): MemberIdentity {
    const { group, instance = null } = this.#options;
    return { protocol: "consumer", group, id: this.#id, generation: this.#epoch, instance };
  }

  /** Until the life ends, or the group refuses for good. */
  async run(): Promise<void> {
    const unwatch = this.#watch();
    try {
      while (!this.#options.life.over) await this.#beat();
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
    this.#due = true;
    this.#wake?.();
  }

  /** Says that the member is going, so that nobody waits for its session to pass. */
  async leave(): Promise<void> {
    if (!this.#asked) return;
    const link = await this.#coordinator.link();
    const generation = this.#options.instance === undefined ? LEAVES : LEAVES_FOR_NOW;
    await this.#options.calls.beat(link, { ...this.identity, generation }, {});
  }

  /** A topic that was assigned may become known later. */
  #watch(): () => void {
    const { context, topics } = this.#options;
    const unwatches = topics.map((topic) =>
      context.metadata.watch(topic, () => {
        this.#reconcile();
        if (JSON.stringify(this.#assignment.owned) !== this.#told) this.#wake?.();
      }),
    );
    return () => {
      for (const unwatch of unwatches) unwatch();
    };
  }

  /** One heartbeat, what follows from it, and the time until the next. */
  async #beat(): Promise<void> {
    this.#due = false;
    const { life, context } = this.#options;
    const { owned } = this.#assignment;
    const beaten = await this.#ask(owned);
    if (beaten === undefined) return;
    if (beaten.error !== 0) {
      this.#told = undefined;
      await this.#refused(beaten);
      return;
    }
    this.#failures = 0;
    this.#told = JSON.stringify(owned);
    this.#epoch = beaten.epoch;
    if (beaten.id !== "") this.#id = beaten.id;
    if (beaten.assignment !== undefined) this.#assignment.give(beaten.assignment);
    if (this.#reconcile()) context.metadata.stale();
    if (this.#due || JSON.stringify(this.#assignment.owned) !== this.#told) return;
    await life.wait(Math.max(beaten.intervalMs, INTERVAL_MS_MIN), (wake) => {
      this.#wake = wake;
    });
    this.#wake = undefined;
  }

  /** Undefined when the coordinator could not be reached: only its word ends a membership. */
  async #ask(owned: NonNullable<BeatSaid["owned"]>): Promise<Beaten | undefined> {
    const { life, calls } = this.#options;
    try {
      if (this.#epoch === JOINS && (await this.#protocolOf()) === ORIGINALS) {
        await this.#held(ORIGINALS);
        return undefined;
      }
      const link = await life.until(this.#coordinator.link());
      this.#asked = true;
      return await life.until(calls.beat(link, this.identity, this.#saying(owned)));
    } catch (reason) {
      if (life.over || reason instanceof GroupRefused) throw reason;
      if (reason instanceof UnsupportedVersion) throw this.#unsupported();
      this.#told = undefined;
      this.#coordinator.moved();
      await this.#pause();
      return undefined;
    }
  }

  /** Everything, when it joins and after anything went wrong; else what is new. */
  #saying(owned: NonNullable<BeatSaid["owned"]>): BeatSaid {
    if (this.#told === undefined || this.#epoch === JOINS) return { rebalanceTimeoutMs: REBALANCE_MS, topics: this.#options.topics, owned };
    return JSON.stringify(owned) === this.#told ? {} : { owned };
  }

  async #refused(beaten: Beaten): Promise<void> {
    const { error } = beaten;
    if (isElsewhere(error)) {
      this.#coordinator.moved();
      await this.#pause();
      return;
    }
    const isGone = error === ErrorCode.GROUP_ID_NOT_FOUND || error === ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (isGone && this.#epoch === JOINS) await this.#held(await this.#protocolOf());
    else if (isGone || error === ErrorCode.UNKNOWN_MEMBER_ID || error === ErrorCode.FENCED_MEMBER_EPOCH) await this.#castOut();
    else if (error === ErrorCode.UNSUPPORTED_VERSION) throw this.#unsupported();
    else await this.#troubled(beaten);
  }

  /** The partitions are others' by now. It joins again, under another id where this one is refused even so. */
  async #castOut(): Promise<void> {
    if (this.#epoch === JOINS) this.#id = crypto.randomUUID();
    this.#forget();
    await this.#pause();
  }

  async #troubled({ error, message }: Beaten): Promise<void> {
    const { group, context, life } = this.#options;
    const status = this.#statusOf(error, message);
    if (error === ErrorCode.GROUP_AUTHORIZATION_FAILED) context.report.trouble("group.authorization.failed", status.message);
    else if (error === ErrorCode.TOPIC_AUTHORIZATION_FAILED) context.report.trouble("topic.authorization.failed", status.message);
    else context.report.warn(status.message, { group });
    const passes = error === ErrorCode.GROUP_MAX_SIZE_REACHED || error === ErrorCode.UNRELEASED_INSTANCE_ID;
    if (!passes && !kafkaError(error).retriable) throw new GroupRefused(status);
    await life.wait(HELD_MS);
  }

  #statusOf(error: number, words: string): Status {
    const { code, message } = kafkaStatus(error, `group '${this.#options.group}'`);
    return { code, message: words === "" ? message : `${message}; the broker says: ${words}` };
  }

  #unsupported(): GroupRefused {
    const { group, context } = this.#options;
    const { code, message } = kafkaStatus(ErrorCode.UNSUPPORTED_VERSION, `group '${group}'`);
    const why = "it does not speak the consumer group protocol (KIP-848; Apache Kafka 4.0 or later does, unless that is switched off)";
    const status = { code, message: `${message}: ${why}; ${CLASSIC_INSTEAD}` };
    context.report.trouble("group.protocol.unsupported", status.message);
    return new GroupRefused(status);
  }

  /** Of the members there are, where that can be told. */
  #protocolOf(): Promise<string> {
    const { life, calls, group } = this.#options;
    const told = this.#coordinator.link().then((link) => calls.protocolOf(link, group));
    return life.until(told.catch(() => ""));
  }

  /** By members that cannot share the group with ours. */
  async #held(protocol: string): Promise<void> {
    const { group, context, life } = this.#options;
    const whose =
      protocol === ORIGINALS
        ? `is still held by the original's members (protocol ${protocol}); stop them, or use another group`
        : `is held by members of another protocol${protocol === "" ? "" : ` (${protocol})`} that cannot share it; stop them, or ${CLASSIC_INSTEAD}`;
    context.report.trouble("group.held", `group '${group}' ${whose}; it is tried again`);
    await life.wait(HELD_MS);
  }

  async #pause(): Promise<void> {
    this.#failures += 1;
    await this.#options.life.wait(backoffMs(this.#failures));
  }

  /** Takes what it can of what it was given. Says whether something was of a topic that is not known yet. */
  #reconcile(): boolean {
    const { context, topics, lost, assigned } = this.#options;
    const names = new Map<string, string>();
    for (const topic of topics) {
      const view = context.metadata.known(topic);
      if (view) names.set(view.id, topic);
    }
    const step = this.#assignment.step(names);
    if (step.lost.length > 0) lost(step.lost);
    if (step.added.length > 0) assigned(step.added);
    if (step.revoked.length > 0) this.#letGo(step.revoked);
    return step.isUnknown;
  }

  #letGo(partitions: readonly HeldPartition[]): void {
    const term = this.#term;
    this.#options.revoked(partitions).then(
      () => {
        if (term !== this.#term) return; // Lost meanwhile.
        this.#assignment.released(partitions);
        this.#reconcile();
        this.#wake?.();
      },
      () => {}, // The member leaves, and lets go of everything.
    );
  }

  /** The membership is gone, and with it the partitions. */
  #forget(): void {
    this.#term += 1;
    this.#epoch = JOINS;
    this.#told = undefined;
    const held = this.#assignment.clear();
    if (held.length > 0) this.#options.lost(held);
  }
}
