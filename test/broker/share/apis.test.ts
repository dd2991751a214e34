// The APIs of share groups over the network: sessions, long polls, acknowledgements that a restart does not lose, operators.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { startBroker } from "../../../src/broker/start-broker.ts";
import { produce } from "../../../src/kafka/wire/api/00-produce.ts";
import { listGroups } from "../../../src/kafka/wire/api/16-list-groups.ts";
import { createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { deleteGroups } from "../../../src/kafka/wire/api/42-delete-groups.ts";
import { incrementalAlterConfigs } from "../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { shareGroupHeartbeat } from "../../../src/kafka/wire/api/76-share-group-heartbeat.ts";
import { shareGroupDescribe } from "../../../src/kafka/wire/api/77-share-group-describe.ts";
import { type ShareFetchRequest, shareFetch } from "../../../src/kafka/wire/api/78-share-fetch.ts";
import { shareAcknowledge } from "../../../src/kafka/wire/api/79-share-acknowledge.ts";
import { initializeShareGroupState } from "../../../src/kafka/wire/api/83-initialize-share-group-state.ts";
import { readShareGroupState } from "../../../src/kafka/wire/api/84-read-share-group-state.ts";
import { writeShareGroupState } from "../../../src/kafka/wire/api/85-write-share-group-state.ts";
import { deleteShareGroupState } from "../../../src/kafka/wire/api/86-delete-share-group-state.ts";
import { readShareGroupStateSummary } from "../../../src/kafka/wire/api/87-read-share-group-state-summary.ts";
import { describeShareGroupOffsets } from "../../../src/kafka/wire/api/90-describe-share-group-offsets.ts";
import { alterShareGroupOffsets } from "../../../src/kafka/wire/api/91-alter-share-group-offsets.ts";
import { deleteShareGroupOffsets } from "../../../src/kafka/wire/api/92-delete-share-group-offsets.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { Asker, batchOf, running } from "../running.ts";

const GROUP_RESOURCE = 32;
const [ACCEPT, RELEASE] = [1, 2];

/** A topic of one partition, a group that begins at its beginning, and a member that has joined it. */
class Scene {
  readonly asker: Asker;
  readonly topicId: string;
  readonly member: string;
  epoch = 0;

  private constructor(asker: Asker, topicId: string, member: string) {
    this.asker = asker;
    this.topicId = topicId;
    this.member = member;
  }

  static async on(asker: Asker): Promise<Scene> {
    const topic = { name: "t", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const made = await asker.ask(createTopics, { topics: [topic], timeoutMs: 1_000, validateOnly: false });
    const configs = [{ name: "share.auto.offset.reset", configOperation: 0, value: "earliest" }];
    const resources = [{ resourceType: GROUP_RESOURCE, resourceName: "g", configs }];
    await asker.ask(incrementalAlterConfigs, { resources, validateOnly: false });
    return new Scene(asker, made.topics[0]?.topicId ?? "", "a").joined();
  }
  /** As another member, by another connection. */
  async other(asker: Asker, member = "b"): Promise<Scene> {
    return new Scene(asker, this.topicId, member).joined();
  }
  async joined(): Promise<Scene> {
    const { errorCode } = await this.beat(0, ["t"]);
    assert.equal(errorCode, ErrorCode.NONE);
    return this;
  }

  beat(memberEpoch: number, subscribedTopicNames: readonly string[] | null = null) {
    return this.asker.ask(shareGroupHeartbeat, { groupId: "g", memberId: this.member, memberEpoch, rackId: null, subscribedTopicNames });
  }
  async produce(...values: readonly string[]): Promise<void> {
    const topicData = [{ name: "t", topicId: UUID_ZERO, partitionData: [{ index: 0, records: batchOf(values) }] }];
    await this.asker.ask(produce, { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData }, 9);
  }
  async fetch(more: Partial<ShareFetchRequest> = {}) {
    const partitions = [{ partitionIndex: 0, acknowledgementBatches: [] }];
    const response = await this.asker.ask(shareFetch, {
      ...{ ...shareFetch.request.empty, groupId: "g", memberId: this.member, shareSessionEpoch: this.epoch++ },
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, maxRecords: 100, batchSize: 100 },
      topics: [{ topicId: this.topicId, partitions }],
      ...more,
    });
    assert.equal(response.errorCode, ErrorCode.NONE);
    const of = response.responses[0]?.partitions[0];
    return { ...of, told: (of?.acquiredRecords ?? []).map((one) => `${one.firstOffset}-${one.lastOffset}x${one.deliveryCount}`).join(" ") };
  }
  async acknowledge(firstOffset: number, lastOffset: number, type: number): Promise<number> {
    const acknowledgementBatches = [{ firstOffset, lastOffset, acknowledgeTypes: [type] }];
    const response = await this.asker.ask(shareAcknowledge, {
      ...{ groupId: "g", memberId: this.member, shareSessionEpoch: this.epoch++, isRenewAck: false },
      topics: [{ topicId: this.topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
    });
    return response.responses[0]?.partitions[0]?.errorCode ?? response.errorCode;
  }
  async described() {
    const { groups } = await this.asker.ask(describeShareGroupOffsets, { groups: [{ groupId: "g", topics: null }] });
    const of = groups[0]?.topics[0]?.partitions[0];
    return of && [of.startOffset, of.lag];
  }
}

const scene = async (context: TestContext) => {
  const { broker, asker } = await running(context);
  const another = async (): Promise<Asker> => {
    const made = await Asker.to(broker);
    context.after(() => made.socket.destroy());
    return made;
  };
  return { one: await Scene.on(asker), another };
};

describe("a share group", () => {
  test("gives each record to one of its members", async (context) => {
    const { one, another } = await scene(context);
    const two = await one.other(await another());
    await one.produce("x", "y", "z");
    const first = await one.fetch({ maxRecords: 2, shareAcquireMode: 1 });
    assert.deepEqual([first.told, first.records?.length], ["0-1x1", 1]);
    assert.equal((await two.fetch()).told, "2-2x1");
    assert.equal((await one.fetch()).told, "");
  });

  test("waits for records, and for what comes back", async (context) => {
    const { one, another } = await scene(context);
    const two = await one.other(await another());
    const waiting = one.fetch({ maxWaitMs: 20_000 });
    await two.produce("x");
    assert.equal((await waiting).told, "0-0x1");
    const again = two.fetch({ maxWaitMs: 20_000 });
    assert.equal(await one.acknowledge(0, 0, RELEASE), ErrorCode.NONE);
    assert.equal((await again).told, "0-0x2");
  });

  test("has back what a member had whose connection or session has ended", async (context) => {
    const { one, another } = await scene(context);
    await one.produce("x");
    const gone = await one.other(await another());
    assert.equal((await gone.fetch()).told, "0-0x1");
    const waiting = one.fetch({ maxWaitMs: 20_000 });
    gone.asker.socket.destroy();
    assert.equal((await waiting).told, "0-0x2");
    await one.fetch({ shareSessionEpoch: -1, topics: [] });
    const two = await one.other(await another(), "c");
    assert.equal((await two.fetch()).told, "0-0x3");
  });

  test("takes acknowledgements with a fetch, and tells what is wrong with them", async (context) => {
    const { one } = await scene(context);
    await one.produce("x", "y");
    await one.fetch();
    const acked = (firstOffset: number, lastOffset: number, type: number) => [
      {
        topicId: one.topicId,
        partitions: [{ partitionIndex: 0, acknowledgementBatches: [{ firstOffset, lastOffset, acknowledgeTypes: [type] }] }],
      },
    ];
    assert.equal((await one.fetch({ topics: acked(0, 0, ACCEPT) })).acknowledgeErrorCode, ErrorCode.NONE);
    assert.equal((await one.fetch({ topics: acked(0, 1, 9) })).acknowledgeErrorCode, ErrorCode.INVALID_REQUEST);
    assert.equal((await one.fetch({ topics: acked(1, 2, ACCEPT) })).acknowledgeErrorCode, ErrorCode.INVALID_REQUEST);
    assert.equal((await one.fetch({ topics: acked(1, 1, 4) })).acknowledgeErrorCode, ErrorCode.INVALID_REQUEST);
    const renewing = { isRenewAck: true, minBytes: 0, maxBytes: 0, maxRecords: 0 };
    assert.equal((await one.fetch({ topics: acked(1, 1, 4), ...renewing })).acknowledgeErrorCode, ErrorCode.NONE);
    assert.equal((await one.fetch({ topics: acked(1, 1, RELEASE) })).told, "1-1x2");
  });

  test("refuses requests that are not those of its sessions", async (context) => {
    const { one } = await scene(context);
    const ask = async (of: Partial<ShareFetchRequest>): Promise<number> =>
      (await one.asker.ask(shareFetch, { ...shareFetch.request.empty, groupId: "g", memberId: "a", ...of })).errorCode;
    assert.equal(await ask({ shareSessionEpoch: 1 }), ErrorCode.SHARE_SESSION_NOT_FOUND);
    assert.equal(await ask({ shareSessionEpoch: -1 }), ErrorCode.SHARE_SESSION_NOT_FOUND);
    await one.fetch();
    assert.equal(await ask({ shareSessionEpoch: 7 }), ErrorCode.INVALID_SHARE_SESSION_EPOCH);
    assert.equal(await ask({ groupId: null, shareSessionEpoch: 1 }), ErrorCode.INVALID_REQUEST);
    assert.equal(await ask({ isRenewAck: true, maxWaitMs: 1, shareSessionEpoch: 1 }), ErrorCode.INVALID_REQUEST);
    one.epoch = 0;
    assert.equal(await one.acknowledge(0, 0, ACCEPT), ErrorCode.INVALID_SHARE_SESSION_EPOCH);
  });

  test("does not lose what was accepted when the broker ends", async (context) => {
    const data = mkdtempSync(join(tmpdir(), "sluice-share-"));
    let broker = await startBroker({ data });
    context.after(async () => {
      await broker.close();
      rmSync(data, { recursive: true, force: true });
    });
    const asker = await Asker.to(broker);
    const one = await Scene.on(asker);
    await one.produce("x", "y", "z");
    await one.fetch();
    assert.equal(await one.acknowledge(1, 1, ACCEPT), ErrorCode.NONE);
    assert.deepEqual(await one.described(), [0, 2]);
    asker.socket.destroy();
    await broker.close();
    broker = await startBroker({ data });
    const next = await Asker.to(broker);
    context.after(() => next.socket.destroy());
    const two = await one.other(next);
    assert.deepEqual(await two.described(), [0, 2]);
    assert.equal((await two.fetch()).told, "0-0x2 2-2x2");
  });
});

describe("operators of a share group", () => {
  test("describe it, and list it by its type", async (context) => {
    const { one } = await scene(context);
    const { groups } = await one.asker.ask(shareGroupDescribe, { groupIds: ["g", "none"], includeAuthorizedOperations: false });
    const [group, none] = groups;
    assert.deepEqual([group?.groupState, group?.assignorName, none?.errorCode], ["Stable", "simple", ErrorCode.GROUP_ID_NOT_FOUND]);
    const topicPartitions = [{ topicId: one.topicId, topicName: "t", partitions: [0] }];
    assert.deepEqual(group?.members[0]?.assignment, { topicPartitions });
    const listed = await one.asker.ask(listGroups, { statesFilter: [], typesFilter: ["share"] });
    assert.deepEqual(
      listed.groups.map(({ groupId, groupType }) => [groupId, groupType]),
      [["g", "share"]],
    );
  });

  test("set where it reads on, forget it, and delete it, when nobody is in it", async (context) => {
    const { one } = await scene(context);
    await one.produce("w", "x", "y", "z");
    const alter = async (startOffset: number) => {
      const topics = [
        {
          topicName: "t",
          partitions: [
            { partitionIndex: 0, startOffset },
            { partitionIndex: 5, startOffset },
          ],
        },
        { topicName: "none", partitions: [{ partitionIndex: 0, startOffset }] },
      ];
      const { errorCode, responses } = await one.asker.ask(alterShareGroupOffsets, { groupId: "g", topics });
      return [errorCode, ...responses.flatMap(({ partitions }) => partitions.map((of) => of.errorCode))];
    };
    const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    assert.deepEqual(await one.described(), [-1, -1]);
    assert.deepEqual(await alter(2), [ErrorCode.NON_EMPTY_GROUP]);
    await one.fetch();
    await one.beat(-1);
    assert.deepEqual(await alter(2), [0, 0, unknown, unknown]);
    assert.deepEqual(await one.described(), [2, 2]);
    assert.equal((await one.fetch()).told, "2-3x1");
    const deleted = await one.asker.ask(deleteShareGroupOffsets, { groupId: "g", topics: [{ topicName: "t" }, { topicName: "none" }] });
    assert.deepEqual(
      deleted.responses.map(({ errorCode }) => errorCode),
      [0, unknown],
    );
    assert.equal(await one.described(), undefined);
    const { results } = await one.asker.ask(deleteGroups, { groupsNames: ["g"] });
    assert.deepEqual(results, [{ groupId: "g", errorCode: ErrorCode.NONE }]);
  });
});

describe("brokers that keep share groups together", () => {
  test("set, write, read and forget what is kept; members read on from there", async (context) => {
    const { one } = await scene(context);
    await one.produce("v", "w", "x", "y", "z");
    const of = <Partition>(partition: Partition) => ({ groupId: "g", topics: [{ topicId: one.topicId, partitions: [partition] }] });
    const code = (response: { readonly results: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[] }) =>
      response.results[0]?.partitions[0]?.errorCode;
    const initial = { partition: 0, stateEpoch: 1, startOffset: 1 };
    assert.equal(code(await one.asker.ask(initializeShareGroupState, of(initial))), 0);
    assert.equal(code(await one.asker.ask(initializeShareGroupState, of({ ...initial, stateEpoch: 0 }))), ErrorCode.FENCED_STATE_EPOCH);
    const stateBatches = [{ firstOffset: 2, lastOffset: 3, deliveryState: 2, deliveryCount: 1 }];
    const write = { partition: 0, stateEpoch: 1, leaderEpoch: 0, startOffset: 1, deliveryCompleteCount: 2, stateBatches };
    assert.equal(code(await one.asker.ask(writeShareGroupState, of(write))), 0);
    assert.equal(code(await one.asker.ask(writeShareGroupState, of({ ...write, stateEpoch: 0 }))), ErrorCode.FENCED_STATE_EPOCH);
    const { results } = await one.asker.ask(readShareGroupState, of({ partition: 0, leaderEpoch: 0 }));
    assert.deepEqual(results[0]?.partitions[0]?.stateBatches, stateBatches);
    const summary = await one.asker.ask(readShareGroupStateSummary, of({ partition: 0, leaderEpoch: 0 }));
    const { startOffset, deliveryCompleteCount } = summary.results[0]?.partitions[0] ?? {};
    assert.deepEqual([startOffset, deliveryCompleteCount, await one.described()], [1, 2, [1, 2]]);
    assert.equal((await one.fetch()).told, "1-1x1 4-4x1");
    assert.equal(code(await one.asker.ask(deleteShareGroupState, of({ partition: 0 }))), 0);
    assert.equal(code(await one.asker.ask(readShareGroupState, of({ partition: 0, leaderEpoch: 0 }))), ErrorCode.INVALID_REQUEST);
  });
});
