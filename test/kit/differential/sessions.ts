// Steps of a fetch session: topics by their ids, partitions that come and go, epochs that are right and wrong.
import { type FetchRequest, fetch } from "../../../src/kafka/wire/api/01-fetch.ts";
import { idsOf } from "./topics.ts";
import type { Side } from "./twins.ts";
import type { SessionTwin, World } from "./world.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";
const IDS_FROM = 13;

const partitionOf = (world: World) => ({
  partition: world.partition(),
  currentLeaderEpoch: world.dice.oneOf([-1, -1, 0, 5]),
  fetchOffset: world.dice.between(0, 10),
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  partitionMaxBytes: 1 << 20,
  replicaDirectoryId: NO_ID,
  highWatermark: 2 ** 63,
});

const requestOf = (
  session: Omit<SessionTwin, "version">,
  of: Pick<FetchRequest, "topics" | "forgottenTopicsData">,
  side: Side,
): FetchRequest => ({
  ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 }, maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20 },
  ...{ isolationLevel: 0, sessionId: session.ids[side], sessionEpoch: session.epoch, rackId: "" },
  ...of,
});

/** A session begins, or goes on with other partitions. */
export const fetchInSession = async (world: World): Promise<void> => {
  const { dice, twins } = world;
  const known = world.session && dice.chance(0.9) ? world.session : undefined;
  const session = known ?? { version: dice.between(7, 18), ids: [0, 0], epoch: 0 };
  const topic = world.dice.oneOf(world.steady);
  const topicIds = await idsOf(world, topic);
  const named = (side: Side) => (session.version >= IDS_FROM ? { topic: "", topicId: topicIds[side] } : { topic, topicId: NO_ID });
  const partitions = dice.chance(0.7) ? [partitionOf(world)] : [];
  const forgotten = known && dice.chance(0.2) ? [world.partition()] : [];
  const epoch = session.epoch + (known && dice.chance(0.05) ? 1 : 0);
  const request = (side: Side): FetchRequest =>
    requestOf(
      { ...session, epoch },
      {
        topics: partitions.length > 0 ? [{ ...named(side), partitions }] : [],
        forgottenTopicsData: forgotten.length > 0 ? [{ ...named(side), partitions: forgotten }] : [],
      },
      side,
    );
  const what = `version ${session.version} epoch ${epoch} ${JSON.stringify(partitions)} without ${forgotten}`;
  const [first, second] = await twins.ask({ api: fetch, version: session.version, request }, what);
  if (first.errorCode !== 0) return;
  const ids: SessionTwin["ids"] = [first.sessionId, second.sessionId];
  world.session = first.sessionId === 0 ? undefined : { ...session, ids, epoch: epoch + 1 };
};
