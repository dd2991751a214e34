// Who may do what with share groups: each API asks, and tells of what the client may not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shareGroupHeartbeat as heartbeat } from "../../../src/broker/76-share-group-heartbeat.ts";
import { shareGroupDescribe as describe } from "../../../src/broker/77-share-group-describe.ts";
import { shareFetch as fetch } from "../../../src/broker/78-share-fetch.ts";
import { shareAcknowledge as acknowledge } from "../../../src/broker/79-share-acknowledge.ts";
import { readShareGroupState as readState } from "../../../src/broker/84-read-share-group-state.ts";
import { describeShareGroupOffsets as describeOffsets } from "../../../src/broker/90-describe-share-group-offsets.ts";
import { alterShareGroupOffsets as alterOffsets } from "../../../src/broker/91-alter-share-group-offsets.ts";
import { deleteShareGroupOffsets as deleteOffsets } from "../../../src/broker/92-delete-share-group-offsets.ts";
import type { Access, Resource } from "../../../src/broker/access.ts";
import { type BrokerApi, handlerOf, type RequestContext } from "../../../src/broker/api.ts";
import { Controls } from "../../../src/broker/controls.ts";
import { concat } from "../../../src/core/bytes.ts";
import { silentLog } from "../../../src/core/log.ts";
import { decodeResponse, encodeRequest } from "../../../src/kafka/wire/api/api.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { fakeClient } from "../asking.ts";

const TOPIC = { name: "t", id: "11111111-1111-1111-1111-111111111111", partitions: [{}] };

/** Asks a broker that allows what is told alone, and has nothing but a topic. */
const ask = async <Request extends object, Response>(
  of: BrokerApi<Request, Response>,
  request: Partial<Request>,
  ...allowed: readonly Resource["type"][]
): Promise<Response> => {
  const access: Access = { allows: (_client, _operation, { type }) => allowed.includes(type), allowsSomewhere: () => false };
  const topics = { get: () => TOPIC, byId: () => TOPIC };
  const shares = { beat: () => assert.fail("it was asked before it was known who may") };
  const broker = { access, topics, shares, log: silentLog, controls: new Controls() };
  const context = { version: of.versions.max, clientId: "c", client: fakeClient(), broker } as unknown as RequestContext; // Nothing else is reached.
  const body = concat(encodeRequest(of.api, { ...of.api.request.empty, ...request }, context.version));
  const answer = await handlerOf(of).answer(body, context);
  assert.ok(answer);
  return decodeResponse(of.api, concat(answer), context.version);
};

const GROUP = ErrorCode.GROUP_AUTHORIZATION_FAILED;

test("nothing of a group is told or done without leave for it", async () => {
  const member = { groupId: "g", memberId: "m", shareSessionEpoch: 1 };
  assert.equal((await ask(heartbeat, { groupId: "g" }, "topic")).errorCode, GROUP);
  assert.equal((await ask(describe, { groupIds: ["g"] }, "topic")).groups[0]?.errorCode, GROUP);
  assert.equal((await ask(fetch, member, "topic")).errorCode, GROUP);
  assert.equal((await ask(acknowledge, member, "topic")).errorCode, GROUP);
  assert.equal((await ask(describeOffsets, { groups: [{ groupId: "g", topics: null }] }, "topic")).groups[0]?.errorCode, GROUP);
  assert.equal((await ask(alterOffsets, { groupId: "g" }, "topic")).errorCode, GROUP);
  assert.equal((await ask(deleteOffsets, { groupId: "g" }, "topic")).errorCode, GROUP);
});

test("a member names only topics that it may see, and so do operators", async () => {
  const code = ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  const joins = { groupId: "g", memberId: "m", memberEpoch: 0, subscribedTopicNames: ["t"] };
  assert.equal((await ask(heartbeat, joins, "group")).errorCode, code);
  const groups = [{ groupId: "g", topics: [{ topicName: "t", partitions: [0] }] }];
  const described = await ask(describeOffsets, { groups }, "group");
  assert.equal(described.groups[0]?.topics[0]?.partitions[0]?.errorCode, code);
});

test("what is kept is told to brokers alone", async () => {
  const topics = [{ topicId: TOPIC.id, partitions: [{ partition: 0, leaderEpoch: 0 }] }];
  const { results } = await ask(readState, { groupId: "g", topics }, "group", "topic");
  assert.equal(results[0]?.partitions[0]?.errorCode, ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
});
