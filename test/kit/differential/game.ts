// The game: steps drawn by dice, asked of both brokers, until the first difference or the end.
import * as coordinators from "./coordinators.ts";
import { Dice } from "./dice.ts";
import * as members from "./members.ts";
import * as newer from "./newer-transactions.ts";
import * as records from "./records.ts";
import * as rules from "./rules.ts";
import * as sessions from "./sessions.ts";
import * as shares from "./shares.ts";
import * as topics from "./topics.ts";
import { Twins } from "./twins.ts";
import { World } from "./world.ts";

type Step = (world: World) => Promise<void>;

/** How often each comes, of all. */
const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [3, topics.createTopic],
  [1, topics.deleteTopic],
  [1, topics.addPartitions],
  [3, topics.describeTopic],
  [1, topics.cutRecords],
  [2, topics.describeSettings],
  [1, topics.alterSettings],
  [12, records.writePlainly],
  [1, records.becomeProducer],
  [8, records.writeInOrder],
  [12, records.read],
  [6, records.look],
  [2, records.lookByEpoch],
  [2, records.lookAtProducers],
  [6, coordinators.commitOffsets],
  [6, coordinators.readOffsets],
  [1, coordinators.forgetOffsets],
  [2, coordinators.describeGroup],
  [1, coordinators.forgetGroup],
  [6, coordinators.addPartition],
  [6, coordinators.writeInTransaction],
  [3, coordinators.commitInTransaction],
  [4, coordinators.endTransaction],
  [4, newer.writeInTransaction],
  [2, newer.commitInTransaction],
  [3, newer.endTransaction],
  [3, members.joinClassic],
  [3, members.syncClassic],
  [3, members.beatClassic],
  [2, members.commitAsMember],
  [1, members.leaveClassic],
  [6, members.beatConsumer],
  [1, members.leaveConsumer],
  [2, members.describeConsumers],
  [3, shares.writeToShare],
  [6, shares.fetchShare],
  [6, shares.acknowledgeShare],
  [2, shares.describeShare],
  [5, sessions.fetchInSession],
  [1, rules.createRules],
  [2, rules.describeRules],
  [1, rules.deleteRules],
];

const DRAWN: readonly Step[] = STEPS.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

export interface Game {
  /** The broker to be like, and the one that is to be. */
  readonly bootstraps: readonly [string, string];
  readonly seed: number;
  readonly steps: number;
}

/** Rejects with the first difference, named with its step and seed. */
export const play = async ({ bootstraps, seed, steps }: Game): Promise<void> => {
  const twins = await Twins.open(bootstraps);
  const dice = new Dice(seed);
  const world = new World(twins, dice, `game-${seed}-${process.pid}`);
  try {
    await coordinators.findCoordinators(world);
    await topics.createSteady(world);
    await members.beginConsumer(world);
    await shares.beginShare(world);
    for (let step = 0; step < steps; step++) {
      const drawn = dice.oneOf(DRAWN);
      await drawn(world).catch((reason: unknown) => {
        throw new Error(`seed ${seed}, step ${step} (${drawn.name}): ${reason instanceof Error ? reason.message : String(reason)}`, {
          cause: reason,
        });
      });
    }
  } finally {
    twins.close();
  }
};
