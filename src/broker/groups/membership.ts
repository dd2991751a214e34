// Members of groups, whichever protocol they speak and their group is of: they join, live and leave. A group changes its protocol when a member
// of the other one comes, and all that are there can be understood (KIP-848).
import { BrokerError } from "../broker-error.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { heartbeatConsumers, joinConsumers, leaveConsumers, syncConsumers } from "./classic-in-consumer.ts";
import { join } from "./classic-join.ts";
import { heartbeat, leave, refusedSync, sync } from "./classic-member.ts";
import { type JoinAnswer, type JoinAsked, refusedJoin, type SyncAnswer, type SyncAsked, type Verdict } from "./classic-terms.ts";
import type { Beaten, ConsumerGroup } from "./consumer-group.ts";
import type { ConsumerGroups, Sees } from "./consumer-groups.ts";
import type { Beat } from "./consumer-member.ts";
import { downgraded, upgradedRecord } from "./migration.ts";
import { type Registry, verdictOf } from "./registry.ts";
import type { Claim } from "./roster.ts";

export class Membership {
  readonly #registry: Registry;
  readonly #consumers: ConsumerGroups;

  constructor(registry: Registry, consumers: ConsumerGroups) {
    this.#registry = registry;
    this.#consumers = consumers;
    consumers.onClassicOnly = (group) => this.#downgrade(group);
  }

  join(id: string, asked: JoinAsked): Promise<JoinAnswer> {
    const { limits, isShare } = this.#registry.on;
    const { sessionMsMin, sessionMsMax } = limits();
    if (id === "") return Promise.resolve(refusedJoin("INVALID_GROUP_ID", asked.memberId));
    if (asked.sessionTimeoutMs < sessionMsMin || asked.sessionTimeoutMs > sessionMsMax)
      return Promise.resolve(refusedJoin("INVALID_SESSION_TIMEOUT", ""));
    if (isShare(id)) return Promise.resolve(refusedJoin("INCONSISTENT_GROUP_PROTOCOL", ""));
    const consumers = this.#consumers.get(id);
    return consumers && !consumers.isEmpty ? this.#joinConsumers(consumers, asked) : this.#joinClassic(id, asked);
  }

  /** A heartbeat of the consumer protocol. Rejects with a BrokerError. */
  beat(id: string, beat: Beat, sees: Sees): Promise<Beaten> {
    if (this.#registry.on.isShare(id)) throw new BrokerError("GROUP_ID_NOT_FOUND", `'${id}' is a share group`);
    const classic = this.#registry.get(id);
    return classic ? this.#upgrade(classic, beat, sees) : this.#consumers.beat(id, beat, sees);
  }

  async sync(id: string, asked: SyncAsked): Promise<SyncAnswer> {
    if (id === "") return refusedSync("INVALID_GROUP_ID");
    const consumers = this.#consumers.get(id);
    if (consumers) return this.#alive(consumers, syncConsumers(consumers, asked, this.#registry.on.topics()));
    const group = this.#registry.get(id);
    if (!group) return refusedSync("UNKNOWN_MEMBER_ID");
    return new Promise((answered) => {
      const ticket = this.#registry.awaitSync(answered);
      const verdict = sync(group, asked, ticket);
      if (verdict) {
        this.#registry.dropTicket(ticket);
        answered(refusedSync(verdict));
      }
      this.#registry.run(group);
    });
  }

  heartbeat(id: string, claim: Claim, generation: number): Verdict {
    if (id === "") return "INVALID_GROUP_ID";
    const consumers = this.#consumers.get(id);
    if (consumers) return this.#alive(consumers, heartbeatConsumers(consumers, claim, generation));
    const group = this.#registry.get(id);
    const verdict = group ? heartbeat(group, claim, generation) : "UNKNOWN_MEMBER_ID";
    if (group) this.#registry.run(group);
    return verdict;
  }

  leave(id: string, claims: readonly Claim[]): { readonly all: Verdict } | { readonly each: readonly Verdict[] } {
    if (id === "") return { all: "INVALID_GROUP_ID" };
    const consumers = this.#consumers.get(id);
    if (consumers) return { each: this.#leaveConsumers(consumers, claims) };
    const group = this.#registry.get(id);
    if (!group) return { each: claims.map(() => "UNKNOWN_MEMBER_ID") };
    if (group.state === "Dead") return { all: "COORDINATOR_NOT_AVAILABLE" };
    const each = leave(group, claims);
    this.#registry.run(group);
    return { each };
  }

  /** An empty consumer group becomes a classic one. */
  #joinClassic(id: string, asked: JoinAsked): Promise<JoinAnswer> {
    const isNew = this.#registry.get(id) === undefined;
    if (isNew && asked.memberId !== "") return Promise.resolve(refusedJoin("UNKNOWN_MEMBER_ID", asked.memberId));
    this.#consumers.forget(id);
    const group = this.#registry.make(id);
    return new Promise((answered) => {
      const ticket = this.#registry.awaitJoin(answered);
      const answer = join(group, { asked, ticket });
      if (answer) {
        this.#registry.dropTicket(ticket);
        answered(answer);
      }
      if (isNew) this.#registry.keep(group);
      else this.#registry.run(group);
    });
  }

  /** Answered when it is durable. */
  async #joinConsumers(group: ConsumerGroup, asked: JoinAsked): Promise<JoinAnswer> {
    const { limits, topics } = this.#registry.on;
    const newId = `${asked.instanceId ?? asked.clientId}-${crypto.randomUUID()}`;
    const answer = joinConsumers(group, { asked, newId, known: topics(), size: limits().size });
    try {
      await this.#consumers.settle(group);
      return answer;
    } catch (reason) {
      return refusedJoin(verdictOf(reason), asked.memberId);
    }
  }

  #leaveConsumers(group: ConsumerGroup, claims: readonly Claim[]): readonly Verdict[] {
    return this.#alive(group, leaveConsumers(group, claims));
  }

  /** What a member's request changed is kept, without anybody waiting for that. */
  #alive<T>(group: ConsumerGroup, answer: T): T {
    this.#consumers.settle(group).catch(() => this.#consumers.couldNotKeep(group));
    return answer;
  }

  /** A classic group that nobody is in begins anew; one of consumers goes on with all that they have. */
  #upgrade(classic: ClassicGroup, beat: Beat, sees: Sees): Promise<Beaten> {
    const { limits, topics } = this.#registry.on;
    const { migration } = limits();
    const mayUpgrade = classic.isEmpty || migration === "bidirectional" || migration === "upgrade";
    const record = mayUpgrade && beat.epoch === 0 && !classic.isEmpty ? upgradedRecord(classic, topics()) : undefined;
    if (beat.epoch !== 0 || (!classic.isEmpty && !record))
      throw new BrokerError("GROUP_ID_NOT_FOUND", `'${classic.id}' is a classic group`);
    const group = this.#consumers.make(classic.id, record);
    const beaten = group.beat(beat); // Throws before anything is changed.
    classic.end("REBALANCE_IN_PROGRESS");
    this.#registry.run(classic);
    this.#registry.forget(classic);
    return this.#consumers.adopt(group, beaten, sees);
  }

  #downgrade(group: ConsumerGroup): void {
    const { limits, topics } = this.#registry.on;
    const { migration } = limits();
    if (migration !== "bidirectional" && migration !== "downgrade") return;
    this.#consumers.forget(group.id);
    this.#registry.adopt(downgraded(group, topics(), this.#registry.options));
  }
}
