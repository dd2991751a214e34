// Requests as the client library writes them, which knows nothing of the tables: they are read as what was asked, and written as the
// same bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as library from "@platformatic/kafka";
import { concat, utf8 } from "../../../../src/core/bytes.ts";
import { fetch } from "../../../../src/kafka/wire/api/01-fetch.ts";
import { listOffsets } from "../../../../src/kafka/wire/api/02-list-offsets.ts";
import { metadata } from "../../../../src/kafka/wire/api/03-metadata.ts";
import { offsetCommit } from "../../../../src/kafka/wire/api/08-offset-commit.ts";
import { offsetFetch } from "../../../../src/kafka/wire/api/09-offset-fetch.ts";
import { findCoordinator } from "../../../../src/kafka/wire/api/10-find-coordinator.ts";
import { joinGroup } from "../../../../src/kafka/wire/api/11-join-group.ts";
import { leaveGroup } from "../../../../src/kafka/wire/api/13-leave-group.ts";
import { syncGroup } from "../../../../src/kafka/wire/api/14-sync-group.ts";
import { createTopics } from "../../../../src/kafka/wire/api/19-create-topics.ts";
import { deleteTopics } from "../../../../src/kafka/wire/api/20-delete-topics.ts";
import { initProducerId } from "../../../../src/kafka/wire/api/22-init-producer-id.ts";
import { addPartitionsToTxn } from "../../../../src/kafka/wire/api/24-add-partitions-to-txn.ts";
import { txnOffsetCommit } from "../../../../src/kafka/wire/api/28-txn-offset-commit.ts";
import { createAcls } from "../../../../src/kafka/wire/api/30-create-acls.ts";
import { saslAuthenticate } from "../../../../src/kafka/wire/api/36-sasl-authenticate.ts";
import { incrementalAlterConfigs } from "../../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { alterUserScramCredentials } from "../../../../src/kafka/wire/api/51-alter-user-scram-credentials.ts";
import { consumerGroupHeartbeat } from "../../../../src/kafka/wire/api/68-consumer-group-heartbeat.ts";
import { type Api, decodeRequest, encodeRequest } from "../../../../src/kafka/wire/api/api.ts";
import { UUID_ZERO } from "../../../../src/kafka/wire/type.ts";

const TOPIC_ID = "01234567-89ab-cdef-0123-456789abcdef";
const DIRECTORY_ID = "00112233-4455-6677-8899-aabbccddeeff";

interface Written {
  readonly buffer: Buffer;
}

/** What the library writes is what the request says, in both directions. */
const check = <Request>([api, version]: readonly [Api<Request, unknown>, number], theirs: Written, request: Request): void => {
  test(`${api.name} v${version} is the library's`, () => {
    assert.deepEqual(decodeRequest(api, new Uint8Array(theirs.buffer), version), request);
    assert.equal(Buffer.from(concat(encodeRequest(api, request, version))).toString("hex"), theirs.buffer.toString("hex"));
  });
};

/** Bytes as the library wants them; read back they are no Buffer. */
const buffer = (text: string): Buffer => Buffer.from(text);
const bytes = (text: string): Uint8Array => new Uint8Array(utf8(text));

// Requests of the data.
const partition = { partition: 1, currentLeaderEpoch: 4, lastFetchedEpoch: 3, partitionMaxBytes: 65_536 };
check(
  [fetch, 17],
  library.fetchV17.createRequest(
    500,
    1,
    1_000_000,
    1,
    77,
    3,
    [{ topicId: TOPIC_ID, partitions: [{ ...partition, fetchOffset: 2n ** 40n + 5n, replicaDirectoryId: DIRECTORY_ID }] }] as never,
    [{ topic: TOPIC_ID, partitions: [0, 2] }],
    "r1",
  ),
  {
    ...fetch.request.empty,
    replicaId: -1,
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: 1,
    sessionId: 77,
    sessionEpoch: 3,
    topics: [
      {
        topic: "",
        topicId: TOPIC_ID,
        partitions: [
          { ...partition, fetchOffset: 2 ** 40 + 5, logStartOffset: -1, replicaDirectoryId: DIRECTORY_ID, highWatermark: 2 ** 63 },
        ],
      },
    ],
    forgottenTopicsData: [{ topic: "", topicId: TOPIC_ID, partitions: [0, 2] }],
    rackId: "r1",
  },
);
check(
  [listOffsets, 9],
  library.listOffsetsV9.createRequest(-1, 1, [{ name: "t", partitions: [{ partitionIndex: 3, currentLeaderEpoch: 2, timestamp: -2n }] }]),
  {
    ...listOffsets.request.empty,
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: "t", partitions: [{ partitionIndex: 3, currentLeaderEpoch: 2, timestamp: -2 }] }],
  },
);
check([metadata, 12], library.metadataV12.createRequest(null, true, true), {
  ...metadata.request.empty,
  topics: null,
  allowAutoTopicCreation: true,
  includeTopicAuthorizedOperations: true,
});
check([metadata, 11], library.metadataV11.createRequest(["requests"], false, false), {
  ...metadata.request.empty,
  topics: [{ topicId: UUID_ZERO, name: "requests" }],
  allowAutoTopicCreation: false,
});
check([initProducerId, 5], library.initProducerIdV5.createRequest("tx", 60_000, 2n ** 45n, 7), {
  ...initProducerId.request.empty,
  transactionalId: "tx",
  transactionTimeoutMs: 60_000,
  producerId: 2 ** 45,
  producerEpoch: 7,
});

// Requests of groups and transactions.
check([findCoordinator, 6], library.findCoordinatorV6.createRequest(1, ["tx", "other"]), {
  ...findCoordinator.request.empty,
  keyType: 1,
  coordinatorKeys: ["tx", "other"],
});
check(
  [joinGroup, 9],
  library.joinGroupV9.createRequest("g", 10_000, 60_000, "m", null, "consumer", [{ name: "range", metadata: buffer("m") }], "why"),
  {
    groupId: "g",
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId: "m",
    groupInstanceId: null,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: bytes("m") }],
    reason: "why",
  },
);
check(
  [syncGroup, 5],
  library.syncGroupV5.createRequest("g", 3, "m", "i", "consumer", "range", [{ memberId: "m", assignment: buffer("a") }]),
  {
    groupId: "g",
    generationId: 3,
    memberId: "m",
    groupInstanceId: "i",
    protocolType: "consumer",
    protocolName: "range",
    assignments: [{ memberId: "m", assignment: bytes("a") }],
  },
);
check([leaveGroup, 5], library.leaveGroupV5.createRequest("g", [{ memberId: "m", groupInstanceId: null, reason: "done" }]), {
  ...leaveGroup.request.empty,
  groupId: "g",
  members: [{ memberId: "m", groupInstanceId: null, reason: "done" }],
});
const committed = { partitionIndex: 1, committedLeaderEpoch: 4, committedMetadata: "x" };
check(
  [offsetCommit, 9],
  library.offsetCommitV9.createRequest("g", 3, "m", null, [{ name: "t", partitions: [{ ...committed, committedOffset: 9n }] }]),
  {
    ...offsetCommit.request.empty,
    groupId: "g",
    generationIdOrMemberEpoch: 3,
    memberId: "m",
    groupInstanceId: null,
    topics: [{ name: "t", topicId: UUID_ZERO, partitions: [{ ...committed, committedOffset: 9 }] }],
  },
);
check(
  [offsetFetch, 9],
  library.offsetFetchV9.createRequest(
    [{ groupId: "g", memberId: "m", memberEpoch: 2, topics: [{ name: "t", partitionIndexes: [0] }] }],
    true,
  ),
  {
    ...offsetFetch.request.empty,
    groups: [{ groupId: "g", memberId: "m", memberEpoch: 2, topics: [{ name: "t", topicId: UUID_ZERO, partitionIndexes: [0] }] }],
    requireStable: true,
  },
);
check(
  [addPartitionsToTxn, 5],
  library.addPartitionsToTxnV5.createRequest([
    { transactionalId: "tx", producerId: 5n, producerEpoch: 1, verifyOnly: true, topics: [{ name: "t", partitions: [0, 1] }] },
  ]),
  {
    ...addPartitionsToTxn.request.empty,
    transactions: [
      { transactionalId: "tx", producerId: 5, producerEpoch: 1, verifyOnly: true, topics: [{ name: "t", partitions: [0, 1] }] },
    ],
  },
);
check(
  [txnOffsetCommit, 4],
  library.txnOffsetCommitV4.createRequest("tx", "g", 5n, 1, 3, "m", null, [
    { name: "t", partitions: [{ ...committed, committedOffset: 9n }] },
  ]),
  {
    transactionalId: "tx",
    groupId: "g",
    producerId: 5,
    producerEpoch: 1,
    generationId: 3,
    memberId: "m",
    groupInstanceId: null,
    topics: [{ name: "t", partitions: [{ ...committed, committedOffset: 9 }] }],
  },
);
check(
  [consumerGroupHeartbeat, 0],
  library.consumerGroupHeartbeatV0.createRequest("g", "m", 1, null, "r1", 5_000, ["t"], null, "uniform", [
    { topicId: TOPIC_ID, partitions: [1] },
  ]),
  {
    ...consumerGroupHeartbeat.request.empty,
    groupId: "g",
    memberId: "m",
    memberEpoch: 1,
    rackId: "r1",
    rebalanceTimeoutMs: 5_000,
    subscribedTopicNames: ["t"],
    serverAssignor: "uniform",
    topicPartitions: [{ topicId: TOPIC_ID, partitions: [1] }],
  },
);

// Requests of administration.
const topic = { name: "t", numPartitions: 3, replicationFactor: 1, assignments: [{ partitionIndex: 0, brokerIds: [1] }] };
const topics = [{ ...topic, configs: [{ name: "retention.ms", value: "1000" }] }];
check([createTopics, 7], library.createTopicsV7.createRequest(topics, 30_000, true), { topics, timeoutMs: 30_000, validateOnly: true });
check([deleteTopics, 6], library.deleteTopicsV6.createRequest([{ name: null, topicId: TOPIC_ID }] as never, 1_000), {
  ...deleteTopics.request.empty,
  topics: [{ name: null, topicId: TOPIC_ID }],
  timeoutMs: 1_000,
});
const creation = {
  resourceType: 2,
  resourceName: "t",
  resourcePatternType: 4,
  principal: "User:a",
  host: "*",
  operation: 3,
  permissionType: 3,
};
check([createAcls, 3], library.createAclsV3.createRequest([creation] as never), { creations: [creation] });
const configs = [{ name: "retention.ms", configOperation: 0, value: "1000" }];
const resources = [{ resourceType: 2, resourceName: "t", configs }];
check([incrementalAlterConfigs, 1], library.incrementalAlterConfigsV1.createRequest(resources as never, false), {
  resources,
  validateOnly: false,
});
const upsertion = { name: "alice", mechanism: 2, iterations: 8_192 };
check(
  [alterUserScramCredentials, 0],
  library.alterUserScramCredentialsV0.createRequest(
    [{ name: "bob", mechanism: 1 }],
    [{ ...upsertion, salt: buffer("salt"), saltedPassword: buffer("password") }],
  ),
  {
    deletions: [{ name: "bob", mechanism: 1 }],
    upsertions: [{ ...upsertion, salt: bytes("salt"), saltedPassword: bytes("password") }],
  },
);
check([saslAuthenticate, 2], library.saslAuthenticateV2.createRequest(buffer("\0alice\0secret")), {
  authBytes: bytes("\0alice\0secret"),
});
