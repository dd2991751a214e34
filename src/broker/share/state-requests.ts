// What the APIs of the state of share groups (83 to 87) have in common: who may ask, and an answer for each partition that is asked for.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import { CLUSTER } from "../access.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import type { SharePlace, ShareState } from "./share-records.ts";

interface StateTopic<Partition> {
  readonly topicId: string;
  readonly partitions: readonly Partition[];
}

export interface StateRequest<Partition> {
  readonly groupId: string;
  readonly topics: readonly StateTopic<Partition>[];
}

/** What every answer says of a partition. */
export interface StateResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export const stateFine = (partition: number): StateResult => ({ partition, errorCode: ErrorCode.NONE, errorMessage: null });

/** Throws CLUSTER_AUTHORIZATION_FAILED: brokers ask each other. */
const checkBroker = ({ broker, client }: RequestContext): void => {
  if (!broker.access.allows(client, "clusterAction", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
};

interface Answering<Partition, Result> {
  /** Throws, or rejects with, a BrokerError. */
  readonly answer: (place: SharePlace, partition: Partition) => Result | Promise<Result>;
  readonly refuse: (result: StateResult) => Result;
}

/** Topic by topic; without a group nothing is answered. */
export const stateResults = async <Partition extends { readonly partition: number }, Result>(
  { groupId, topics }: StateRequest<Partition>,
  context: RequestContext,
  { answer, refuse }: Answering<Partition, Result>,
): Promise<readonly StateTopic<Result>[]> => {
  checkBroker(context);
  const one = async (topicId: string, asked: Partition): Promise<Result> => {
    try {
      return await answer({ group: groupId, topicId, partition: asked.partition }, asked);
    } catch (reason) {
      if (!(reason instanceof BrokerError)) throw reason;
      return refuse({ partition: asked.partition, errorCode: reason.code, errorMessage: reason.message });
    }
  };
  if (groupId === "") return [];
  return Promise.all(
    topics.map(async ({ topicId, partitions }) => ({
      topicId,
      partitions: await Promise.all(partitions.map((asked) => one(topicId, asked))),
    })),
  );
};

/** Everything refused alike. */
export const refusedStates = <Partition extends { readonly partition: number }, Result>(
  { topics }: StateRequest<Partition>,
  { code, message }: { readonly code: number; readonly message: string },
  refuse: (result: StateResult) => Result,
): readonly StateTopic<Result>[] =>
  topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => refuse({ partition, errorCode: code, errorMessage: message })),
  }));

/** Throws INVALID_REQUEST where nothing is kept. */
export const keptState = ({ broker }: RequestContext, place: SharePlace): ShareState => {
  const state = broker.shares.states.get(place);
  if (!state) throw new BrokerError("INVALID_REQUEST", "nothing is kept of the partition");
  return state;
};

/** Throws FENCED_STATE_EPOCH. */
export const checkEpoch = (state: ShareState | undefined, epoch: number): void => {
  if (state && epoch < state.epoch) throw new BrokerError("FENCED_STATE_EPOCH", `the state is at epoch ${state.epoch}, not ${epoch}`);
};
