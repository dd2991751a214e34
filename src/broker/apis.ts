// Every API that the broker answers, in the order of their numbers.
import { produce } from "./00-produce.ts";
import { fetch } from "./01-fetch.ts";
import { listOffsets } from "./02-list-offsets.ts";
import { metadata } from "./03-metadata.ts";
import { saslHandshake } from "./17-sasl-handshake.ts";
import { apiVersions } from "./18-api-versions.ts";
import { createTopics } from "./19-create-topics.ts";
import { deleteTopics } from "./20-delete-topics.ts";
import { deleteRecords } from "./21-delete-records.ts";
import { initProducerId } from "./22-init-producer-id.ts";
import { offsetForLeaderEpoch } from "./23-offset-for-leader-epoch.ts";
import { addPartitionsToTxn } from "./24-add-partitions-to-txn.ts";
import { addOffsetsToTxn } from "./25-add-offsets-to-txn.ts";
import { endTxn } from "./26-end-txn.ts";
import { writeTxnMarkers } from "./27-write-txn-markers.ts";
import { describeAcls } from "./29-describe-acls.ts";
import { createAcls } from "./30-create-acls.ts";
import { deleteAcls } from "./31-delete-acls.ts";
import { describeConfigs } from "./32-describe-configs.ts";
import { alterConfigs } from "./33-alter-configs.ts";
import { describeLogDirs } from "./35-describe-log-dirs.ts";
import { saslAuthenticate } from "./36-sasl-authenticate.ts";
import { createPartitions } from "./37-create-partitions.ts";
import { electLeaders } from "./43-elect-leaders.ts";
import { incrementalAlterConfigs } from "./44-incremental-alter-configs.ts";
import { alterPartitionReassignments } from "./45-alter-partition-reassignments.ts";
import { listPartitionReassignments } from "./46-list-partition-reassignments.ts";
import { describeUserScramCredentials } from "./50-describe-user-scram-credentials.ts";
import { alterUserScramCredentials } from "./51-alter-user-scram-credentials.ts";
import { updateFeatures } from "./57-update-features.ts";
import { describeCluster } from "./60-describe-cluster.ts";
import { describeProducers } from "./61-describe-producers.ts";
import { describeTransactions } from "./65-describe-transactions.ts";
import { listTransactions } from "./66-list-transactions.ts";
import { listConfigResources } from "./74-list-config-resources.ts";
import { describeTopicPartitions } from "./75-describe-topic-partitions.ts";
import { type Handler, handlerOf } from "./api.ts";

export const APIS: readonly Handler[] = [
  handlerOf(produce),
  handlerOf(fetch),
  handlerOf(listOffsets),
  handlerOf(metadata),
  handlerOf(saslHandshake),
  handlerOf(apiVersions),
  handlerOf(createTopics),
  handlerOf(deleteTopics),
  handlerOf(deleteRecords),
  handlerOf(initProducerId),
  handlerOf(offsetForLeaderEpoch),
  handlerOf(addPartitionsToTxn),
  handlerOf(addOffsetsToTxn),
  handlerOf(endTxn),
  handlerOf(writeTxnMarkers),
  handlerOf(describeAcls),
  handlerOf(createAcls),
  handlerOf(deleteAcls),
  handlerOf(describeConfigs),
  handlerOf(alterConfigs),
  handlerOf(describeLogDirs),
  handlerOf(saslAuthenticate),
  handlerOf(createPartitions),
  handlerOf(electLeaders),
  handlerOf(incrementalAlterConfigs),
  handlerOf(alterPartitionReassignments),
  handlerOf(listPartitionReassignments),
  handlerOf(describeUserScramCredentials),
  handlerOf(alterUserScramCredentials),
  handlerOf(updateFeatures),
  handlerOf(describeCluster),
  handlerOf(describeProducers),
  handlerOf(describeTransactions),
  handlerOf(listTransactions),
  handlerOf(listConfigResources),
  handlerOf(describeTopicPartitions),
];
