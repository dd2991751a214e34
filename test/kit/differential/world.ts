// What the game knows of both brokers: names to draw from, and the ids each side gave.
import { utf8 } from "../../../src/core/bytes.ts";
import type { ConsumerGroupHeartbeatRequest } from "../../../src/kafka/wire/api/68-consumer-group-heartbeat.ts";
import { encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import type { ProducedRecord } from "../../../src/ports/kafka.ts";
import type { Dice } from "./dice.ts";
import type { Side, Twins } from "./twins.ts";

/** A producer as each side knows it. */
export interface TwinProducer {
  readonly ids: readonly [number, number];
  epoch: number;
  /** The next sequence in each partition. */
  readonly sequences: Map<string, number>;
}

/** The classic group's member, as each side knows it. */
export interface ClassicTwin {
  ids: readonly [string, string];
  generation: number;
}

export type Owned = ConsumerGroupHeartbeatRequest["topicPartitions"];

/** The consumer group's member. */
export interface ConsumerTwin {
  epoch: number;
  owned: readonly [Owned, Owned];
}

/** The member's session, and what it was given and has not given back. */
export interface ShareTwin {
  readonly topicIds: readonly [string, string];
  epoch: number;
  readonly held: number[];
  /** The last that came back. */
  released: number;
  /** How many may still be given, at most. */
  left: number;
}

/** As each side knows it. */
export interface SessionTwin {
  readonly version: number;
  readonly ids: readonly [number, number];
  epoch: number;
}

/** Records are so old when the game begins: each has its own time, the same on both sides, and markers are newer than all of them. */
const AGE_MS = 600_000;
const PARTITIONS = 3;

export interface BatchOf {
  readonly keyed: boolean;
  readonly producer?: { readonly of: TwinProducer; readonly sequence: number };
  readonly transactional?: true;
}

export class World {
  readonly dice: Dice;
  readonly twins: Twins;
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  readonly transactionalIds: readonly string[];
  readonly prefix: string;
  /** Topics that nobody changes. */
  readonly steady: readonly string[];
  readonly shareTopic: string;
  readonly memberGroup: string;
  readonly consumerGroup: string;
  readonly shareGroup: string;
  /** A producer that speaks the second version of transactions. */
  readonly newerId: string;
  classic: ClassicTwin | undefined;
  consumer: ConsumerTwin | undefined;
  hadRegex = false;
  share: ShareTwin | undefined;
  session: SessionTwin | undefined;
  readonly producers: TwinProducer[] = [];
  readonly transactional = new Map<string, TwinProducer>();
  /** Of the first record; each further batch is a little later. */
  readonly beganMs = Date.now() - AGE_MS;
  #values = 0;

  constructor(twins: Twins, dice: Dice, prefix: string) {
    this.twins = twins;
    this.dice = dice;
    this.prefix = prefix;
    this.steady = ["steady-1", "steady-2"].map((name) => `${prefix}-${name}`);
    this.shareTopic = `${prefix}-shared`;
    [this.memberGroup, this.consumerGroup, this.shareGroup] = [`${prefix}-m`, `${prefix}-k`, `${prefix}-s`];
    this.newerId = `${prefix}-z`;
    this.topics = ["a", "b", "c", "d"].map((name) => `${prefix}-${name}`);
    this.groups = ["g", "h", "m", "k", "s"].map((name) => `${prefix}-${name}`);
    this.transactionalIds = ["x", "y"].map((name) => `${prefix}-${name}`);
  }

  topic(): string {
    return this.dice.oneOf(this.topics);
  }
  /** Sometimes one that is not there. */
  partition(): number {
    return this.dice.between(0, PARTITIONS);
  }
  group(): string {
    return this.dice.oneOf(this.groups);
  }

  /** One to three records, the same for both sides but for the producer's id. */
  batch({ keyed, producer, transactional }: BatchOf): { readonly bytes: (side: Side) => readonly Uint8Array[]; readonly count: number } {
    const records = Array.from({ length: this.dice.between(1, 3) }, (): ProducedRecord => {
      const value = this.dice.chance(0.1) ? null : utf8(`value ${this.#values++}${"x".repeat(this.dice.between(0, 60))}`);
      return { key: keyed ? utf8(`key ${this.dice.between(0, 4)}`) : null, value, headers: [] };
    });
    const bytes = (side: Side): readonly Uint8Array[] => {
      const written = producer && { id: producer.of.ids[side], epoch: producer.of.epoch, sequence: producer.sequence };
      return encodeBatch(records, {
        timestampMs: this.beganMs + this.#values,
        ...(written ? { producer: written } : {}),
        ...(transactional ? { transactional } : {}),
      }).pieces;
    };
    return { bytes, count: records.length };
  }
}
