// Every API that the broker answers, in the order of their numbers.
import { produce } from "./00-produce.ts";
import { fetch } from "./01-fetch.ts";
import { listOffsets } from "./02-list-offsets.ts";
import { metadata } from "./03-metadata.ts";
import { saslHandshake } from "./17-sasl-handshake.ts";
import { apiVersions } from "./18-api-versions.ts";
import { initProducerId } from "./22-init-producer-id.ts";
import { addPartitionsToTxn } from "./24-add-partitions-to-txn.ts";
import { addOffsetsToTxn } from "./25-add-offsets-to-txn.ts";
import { endTxn } from "./26-end-txn.ts";
import { writeTxnMarkers } from "./27-write-txn-markers.ts";
import { describeAcls } from "./29-describe-acls.ts";
import { createAcls } from "./30-create-acls.ts";
import { deleteAcls } from "./31-delete-acls.ts";
import { saslAuthenticate } from "./36-sasl-authenticate.ts";
import { describeUserScramCredentials } from "./50-describe-user-scram-credentials.ts";
import { alterUserScramCredentials } from "./51-alter-user-scram-credentials.ts";
import { describeProducers } from "./61-describe-producers.ts";
import { describeTransactions } from "./65-describe-transactions.ts";
import { listTransactions } from "./66-list-transactions.ts";
import { type Handler, handlerOf } from "./api.ts";

export const APIS: readonly Handler[] = [
  handlerOf(produce),
  handlerOf(fetch),
  handlerOf(listOffsets),
  handlerOf(metadata),
  handlerOf(saslHandshake),
  handlerOf(apiVersions),
  handlerOf(initProducerId),
  handlerOf(addPartitionsToTxn),
  handlerOf(addOffsetsToTxn),
  handlerOf(endTxn),
  handlerOf(writeTxnMarkers),
  handlerOf(describeAcls),
  handlerOf(createAcls),
  handlerOf(deleteAcls),
  handlerOf(saslAuthenticate),
  handlerOf(describeUserScramCredentials),
  handlerOf(alterUserScramCredentials),
  handlerOf(describeProducers),
  handlerOf(describeTransactions),
  handlerOf(listTransactions),
];
