// What a cache reads topics through: all partitions followed for as long as they are wanted, and ranges read once.
import type { Isolation, Position } from "../../ports/kafka.ts";
import type { RangeReader, RangeSource } from "../log/range-source.ts";
import type { Followed, TopicFollower, TopicSource } from "../log/topic-source.ts";
import { LATEST } from "../wire/list-offsets.ts";
import type { ClientContext } from "./context.ts";
import { type Asked, resolveOffsets } from "./fetch-start.ts";
import { RangeFetch } from "./range-fetch.ts";
import { TopicFollowing } from "./topic-following.ts";

export class ClientSource implements TopicSource {
  readonly #context: ClientContext;
  readonly #isolation: Isolation;

  constructor(context: ClientContext, isolation: Isolation) {
    this.#context = context;
    this.#isolation = isolation;
  }

  follow(topic: string, from: "earliest" | "latest", follower: TopicFollower): Followed {
    return new TopicFollowing(this.#context, { topic, from, isolation: this.#isolation }, follower).start();
  }

  read(topic: string, wanted: Parameters<RangeSource["read"]>[1], reader: RangeReader): { cancel(): void } {
    return new RangeFetch(this.#context, { topic, isolation: this.#isolation, ...wanted }, reader).start();
  }

  positionAt(topic: string, timestampMs: number): Promise<Position> {
    return this.#resolve(topic, { timestampMs });
  }

  ends(topic: string): Promise<Position> {
    return this.#resolve(topic, { offset: LATEST });
  }

  async #resolve(topic: string, wanted: Asked): Promise<Position> {
    const { metadata, life } = this.#context;
    const { partitions } = await metadata.resolve(topic);
    const asked = new Map(partitions.map((_, partition) => [partition, wanted]));
    return resolveOffsets(this.#context, life, { topic, isolation: this.#isolation, asked });
  }
}
