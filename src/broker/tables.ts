// The APIs that a test may put itself before, by the names of their requests: what `control` takes, with the types of what it sees.
import { produce } from "../kafka/wire/api/00-produce.ts";
import { fetch } from "../kafka/wire/api/01-fetch.ts";
import { listOffsets } from "../kafka/wire/api/02-list-offsets.ts";
import { metadata } from "../kafka/wire/api/03-metadata.ts";
import { offsetCommit } from "../kafka/wire/api/08-offset-commit.ts";
import { offsetFetch } from "../kafka/wire/api/09-offset-fetch.ts";
import { findCoordinator } from "../kafka/wire/api/10-find-coordinator.ts";
import { joinGroup } from "../kafka/wire/api/11-join-group.ts";
import { heartbeat } from "../kafka/wire/api/12-heartbeat.ts";
import { leaveGroup } from "../kafka/wire/api/13-leave-group.ts";
import { syncGroup } from "../kafka/wire/api/14-sync-group.ts";
import { saslHandshake } from "../kafka/wire/api/17-sasl-handshake.ts";
import { apiVersions } from "../kafka/wire/api/18-api-versions.ts";
import { createTopics } from "../kafka/wire/api/19-create-topics.ts";
import { deleteTopics } from "../kafka/wire/api/20-delete-topics.ts";
import { initProducerId } from "../kafka/wire/api/22-init-producer-id.ts";
import { addPartitionsToTxn } from "../kafka/wire/api/24-add-partitions-to-txn.ts";
import { addOffsetsToTxn } from "../kafka/wire/api/25-add-offsets-to-txn.ts";
import { endTxn } from "../kafka/wire/api/26-end-txn.ts";
import { txnOffsetCommit } from "../kafka/wire/api/28-txn-offset-commit.ts";
import { describeConfigs } from "../kafka/wire/api/32-describe-configs.ts";
import { saslAuthenticate } from "../kafka/wire/api/36-sasl-authenticate.ts";
import { consumerGroupHeartbeat } from "../kafka/wire/api/68-consumer-group-heartbeat.ts";

export const API = {
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  saslHandshake,
  apiVersions,
  createTopics,
  deleteTopics,
  initProducerId,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  txnOffsetCommit,
  describeConfigs,
  saslAuthenticate,
  consumerGroupHeartbeat,
} as const;
