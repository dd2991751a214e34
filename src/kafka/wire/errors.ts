// Kafka's error codes and what they mean to us: whether a request may be tried again, whether the metadata must be asked for first, and
// the status a caller sees when it is given up. The only place where a Kafka code becomes a status.
import { Code, type CodeName, type Status } from "../../core/status.ts";

export interface KafkaError {
  readonly code: number;
  /** Kafka's own spelling: `NOT_LEADER_OR_FOLLOWER`. */
  readonly name: string;
  /** The same request may succeed later (Kafka's RetriableException). */
  readonly retriable: boolean;
  /** What was known of leaders or partitions is out of date (Kafka's InvalidMetadataException); implies `retriable`. */
  readonly refreshMetadata: boolean;
  readonly status: Status;
}

/** `final`: no use to try again; `retry`: try again; `refresh`: ask for the metadata, then try again. */
type Remedy = "final" | "retry" | "refresh";
type Row = readonly [code: number, name: string, remedy: Remedy, status: CodeName, message: string];

const ROWS = [
  [-1, "UNKNOWN_SERVER_ERROR", "final", "INTERNAL", "the broker met an error that it has no code for"],
  [0, "NONE", "final", "OK", ""],
  [1, "OFFSET_OUT_OF_RANGE", "final", "OUT_OF_RANGE", "kafka no longer has, or does not have yet, the offset asked for"],
  [2, "CORRUPT_MESSAGE", "retry", "DATA_LOSS", "the records' checksum is wrong, or they are invalid"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "refresh", "FAILED_PRECONDITION", "the topic or partition does not exist"],
  [4, "INVALID_FETCH_SIZE", "final", "INTERNAL", "the fetch size asked for is not valid"],
  [5, "LEADER_NOT_AVAILABLE", "refresh", "UNAVAILABLE", "the partition has no leader at present"],
  [6, "NOT_LEADER_OR_FOLLOWER", "refresh", "UNAVAILABLE", "the broker asked is not the partition's leader"],
  [7, "REQUEST_TIMED_OUT", "retry", "UNAVAILABLE", "the broker did not finish the request in time"],
  [8, "BROKER_NOT_AVAILABLE", "final", "UNAVAILABLE", "the broker is not available"],
  [9, "REPLICA_NOT_AVAILABLE", "refresh", "UNAVAILABLE", "the replica is not available"],
  [10, "MESSAGE_TOO_LARGE", "final", "RESOURCE_EXHAUSTED", "a record is larger than the topic's max.message.bytes"],
  [11, "STALE_CONTROLLER_EPOCH", "final", "INTERNAL", "the controller moved to another broker"],
  [12, "OFFSET_METADATA_TOO_LARGE", "final", "RESOURCE_EXHAUSTED", "the metadata of a committed offset is too large"],
  [13, "NETWORK_EXCEPTION", "refresh", "UNAVAILABLE", "the broker disconnected before it answered"],
  [14, "COORDINATOR_LOAD_IN_PROGRESS", "retry", "UNAVAILABLE", "the coordinator is still loading"],
  [15, "COORDINATOR_NOT_AVAILABLE", "retry", "UNAVAILABLE", "the coordinator is not available"],
  [16, "NOT_COORDINATOR", "retry", "UNAVAILABLE", "the broker asked is not the coordinator"],
  [17, "INVALID_TOPIC_EXCEPTION", "final", "FAILED_PRECONDITION", "the topic's name is not valid, or it may not be used"],
  [18, "RECORD_LIST_TOO_LARGE", "final", "RESOURCE_EXHAUSTED", "the batch of records is larger than a segment of the topic"],
  [19, "NOT_ENOUGH_REPLICAS", "retry", "UNAVAILABLE", "fewer replicas are in sync than the topic's min.insync.replicas"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "retry", "UNAVAILABLE", "the records were written to fewer replicas than min.insync.replicas"],
  [21, "INVALID_REQUIRED_ACKS", "final", "INTERNAL", "the acks asked for are not valid"],
  [22, "ILLEGAL_GENERATION", "final", "ABORTED", "the group has a newer generation"],
  [23, "INCONSISTENT_GROUP_PROTOCOL", "final", "FAILED_PRECONDITION", "the group's members speak another protocol"],
  [24, "INVALID_GROUP_ID", "final", "FAILED_PRECONDITION", "the group id is not valid"],
  [25, "UNKNOWN_MEMBER_ID", "final", "ABORTED", "the group does not know this member"],
  [26, "INVALID_SESSION_TIMEOUT", "final", "FAILED_PRECONDITION", "the session timeout is outside of what the broker allows"],
  [27, "REBALANCE_IN_PROGRESS", "final", "ABORTED", "the group is rebalancing"],
  [28, "INVALID_COMMIT_OFFSET_SIZE", "final", "RESOURCE_EXHAUSTED", "the committed offsets are too large"],
  [29, "TOPIC_AUTHORIZATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not allow this on the topic"],
  [30, "GROUP_AUTHORIZATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not allow the use of the group"],
  [31, "CLUSTER_AUTHORIZATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not allow this on the cluster"],
  [32, "INVALID_TIMESTAMP", "final", "INTERNAL", "a record's timestamp is outside of what the topic allows"],
  [33, "UNSUPPORTED_SASL_MECHANISM", "final", "FAILED_PRECONDITION", "the broker does not support the SASL mechanism"],
  [34, "ILLEGAL_SASL_STATE", "final", "FAILED_PRECONDITION", "the request is not valid in the present SASL state"],
  [35, "UNSUPPORTED_VERSION", "final", "FAILED_PRECONDITION", "the broker does not support this version of the request"],
  [36, "TOPIC_ALREADY_EXISTS", "final", "ALREADY_EXISTS", "the topic exists already"],
  [37, "INVALID_PARTITIONS", "final", "FAILED_PRECONDITION", "the number of partitions is not valid"],
  [38, "INVALID_REPLICATION_FACTOR", "final", "FAILED_PRECONDITION", "the replication factor is not possible here"],
  [39, "INVALID_REPLICA_ASSIGNMENT", "final", "FAILED_PRECONDITION", "the assignment of replicas is not valid"],
  [40, "INVALID_CONFIG", "final", "FAILED_PRECONDITION", "the configuration is not valid"],
  [41, "NOT_CONTROLLER", "retry", "UNAVAILABLE", "the broker asked is not the controller"],
  [42, "INVALID_REQUEST", "final", "INTERNAL", "the broker calls the request malformed"],
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "final", "FAILED_PRECONDITION", "the topic's message format is too old for this"],
  [44, "POLICY_VIOLATION", "final", "FAILED_PRECONDITION", "a policy of the cluster refuses this"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "final", "INTERNAL", "records of this producer are missing before these"],
  [46, "DUPLICATE_SEQUENCE_NUMBER", "final", "INTERNAL", "records with this sequence were written already"],
  [47, "INVALID_PRODUCER_EPOCH", "final", "ABORTED", "a newer producer has this producer's id"],
  [48, "INVALID_TXN_STATE", "final", "INTERNAL", "the transaction is not in a state that allows this"],
  [49, "INVALID_PRODUCER_ID_MAPPING", "final", "INTERNAL", "the producer id does not belong to the transactional id"],
  [50, "INVALID_TRANSACTION_TIMEOUT", "final", "FAILED_PRECONDITION", "the transaction timeout is more than the broker allows"],
  [51, "CONCURRENT_TRANSACTIONS", "retry", "UNAVAILABLE", "a transaction of this producer is still being completed"],
  [52, "TRANSACTION_COORDINATOR_FENCED", "final", "ABORTED", "the transaction's coordinator moved"],
  [53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not allow the use of the transactional id"],
  [54, "SECURITY_DISABLED", "final", "FAILED_PRECONDITION", "security is switched off on the broker"],
  [55, "OPERATION_NOT_ATTEMPTED", "final", "ABORTED", "the broker did not attempt this part of the request"],
  [56, "KAFKA_STORAGE_ERROR", "refresh", "UNAVAILABLE", "the broker cannot reach its disk"],
  [57, "LOG_DIR_NOT_FOUND", "final", "INTERNAL", "the log directory does not exist"],
  [58, "SASL_AUTHENTICATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not accept the credentials"],
  [59, "UNKNOWN_PRODUCER_ID", "final", "INTERNAL", "the broker has forgotten this producer"],
  [60, "REASSIGNMENT_IN_PROGRESS", "final", "UNAVAILABLE", "the partition is being reassigned"],
  [61, "DELEGATION_TOKEN_AUTH_DISABLED", "final", "FAILED_PRECONDITION", "delegation tokens are switched off"],
  [62, "DELEGATION_TOKEN_NOT_FOUND", "final", "NOT_FOUND", "the delegation token is not known"],
  [63, "DELEGATION_TOKEN_OWNER_MISMATCH", "final", "PERMISSION_DENIED", "the delegation token belongs to somebody else"],
  [64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "final", "PERMISSION_DENIED", "delegation tokens may not be asked for on this connection"],
  [65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", "final", "PERMISSION_DENIED", "kafka does not allow the use of the delegation token"],
  [66, "DELEGATION_TOKEN_EXPIRED", "final", "PERMISSION_DENIED", "the delegation token has expired"],
  [67, "INVALID_PRINCIPAL_TYPE", "final", "INTERNAL", "the type of principal is not supported"],
  [68, "NON_EMPTY_GROUP", "final", "FAILED_PRECONDITION", "the group still has members"],
  [69, "GROUP_ID_NOT_FOUND", "final", "NOT_FOUND", "the group does not exist"],
  [70, "FETCH_SESSION_ID_NOT_FOUND", "retry", "UNAVAILABLE", "the broker has forgotten the fetch session"],
  [71, "INVALID_FETCH_SESSION_EPOCH", "retry", "UNAVAILABLE", "the fetch session's epoch is not the one expected"],
  [72, "LISTENER_NOT_FOUND", "refresh", "UNAVAILABLE", "the leader has no listener of that name"],
  [73, "TOPIC_DELETION_DISABLED", "final", "FAILED_PRECONDITION", "topics may not be deleted on this cluster"],
  [74, "FENCED_LEADER_EPOCH", "refresh", "UNAVAILABLE", "the partition has a newer leader than the one known here"],
  [75, "UNKNOWN_LEADER_EPOCH", "retry", "UNAVAILABLE", "the broker does not know of the partition's newest leader yet"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE", "final", "FAILED_PRECONDITION", "the broker does not support the compression"],
  [77, "STALE_BROKER_EPOCH", "final", "INTERNAL", "the broker has been restarted"],
  [78, "OFFSET_NOT_AVAILABLE", "retry", "UNAVAILABLE", "the leader does not know yet how far it may be read"],
  [79, "MEMBER_ID_REQUIRED", "final", "ABORTED", "the group wants a member id first"],
  [80, "PREFERRED_LEADER_NOT_AVAILABLE", "refresh", "UNAVAILABLE", "the preferred leader is not available"],
  [81, "GROUP_MAX_SIZE_REACHED", "final", "RESOURCE_EXHAUSTED", "the group has as many members as it may have"],
  [82, "FENCED_INSTANCE_ID", "final", "ABORTED", "another member has taken over this group instance id"],
  [83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", "refresh", "UNAVAILABLE", "no replica may become the leader"],
  [84, "ELECTION_NOT_NEEDED", "refresh", "UNAVAILABLE", "no leader has to be elected"],
  [85, "NO_REASSIGNMENT_IN_PROGRESS", "final", "FAILED_PRECONDITION", "the partition is not being reassigned"],
  [86, "GROUP_SUBSCRIBED_TO_TOPIC", "final", "FAILED_PRECONDITION", "the group is subscribed to the topic"],
  [87, "INVALID_RECORD", "final", "INTERNAL", "the broker calls a record invalid; a compacted topic wants a key"],
  [88, "UNSTABLE_OFFSET_COMMIT", "retry", "UNAVAILABLE", "the group's offsets are part of an open transaction"],
  [89, "THROTTLING_QUOTA_EXCEEDED", "retry", "RESOURCE_EXHAUSTED", "a quota of the broker is used up"],
  [90, "PRODUCER_FENCED", "final", "ABORTED", "a newer producer has this transactional id"],
  [91, "RESOURCE_NOT_FOUND", "final", "NOT_FOUND", "the resource does not exist"],
  [92, "DUPLICATE_RESOURCE", "final", "ALREADY_EXISTS", "the resource is named twice"],
  [93, "UNACCEPTABLE_CREDENTIAL", "final", "PERMISSION_DENIED", "the credential does not meet the requirements"],
  [94, "INCONSISTENT_VOTER_SET", "final", "INTERNAL", "the voters of the quorum do not agree"],
  [95, "INVALID_UPDATE_VERSION", "final", "INTERNAL", "the update's version is not valid"],
  [96, "FEATURE_UPDATE_FAILED", "final", "INTERNAL", "the feature could not be updated"],
  [97, "PRINCIPAL_DESERIALIZATION_FAILURE", "final", "INTERNAL", "a forwarded request's principal could not be read"],
  [98, "SNAPSHOT_NOT_FOUND", "final", "NOT_FOUND", "the snapshot does not exist"],
  [99, "POSITION_OUT_OF_RANGE", "final", "OUT_OF_RANGE", "the position is outside of the snapshot"],
  [100, "UNKNOWN_TOPIC_ID", "refresh", "FAILED_PRECONDITION", "no topic has this id: it was deleted or made anew"],
  [101, "DUPLICATE_BROKER_REGISTRATION", "final", "INTERNAL", "the broker id is in use already"],
  [102, "BROKER_ID_NOT_REGISTERED", "final", "INTERNAL", "the broker id is not registered"],
  [103, "INCONSISTENT_TOPIC_ID", "refresh", "FAILED_PRECONDITION", "the topic was made anew and has another id"],
  [104, "INCONSISTENT_CLUSTER_ID", "final", "FAILED_PRECONDITION", "the broker belongs to another cluster"],
  [105, "TRANSACTIONAL_ID_NOT_FOUND", "final", "NOT_FOUND", "the transactional id is not known"],
  [106, "FETCH_SESSION_TOPIC_ID_ERROR", "retry", "UNAVAILABLE", "the fetch session mixes topic names and topic ids"],
  [107, "INELIGIBLE_REPLICA", "final", "INTERNAL", "the new replica may not be in sync"],
  [108, "NEW_LEADER_ELECTED", "final", "UNAVAILABLE", "the partition has a new leader"],
  [109, "OFFSET_MOVED_TO_TIERED_STORAGE", "final", "OUT_OF_RANGE", "the offset was moved to tiered storage"],
  [110, "FENCED_MEMBER_EPOCH", "final", "ABORTED", "the group has fenced this member: its epoch is not valid"],
  [111, "UNRELEASED_INSTANCE_ID", "final", "ABORTED", "another member still has this group instance id"],
  [112, "UNSUPPORTED_ASSIGNOR", "final", "FAILED_PRECONDITION", "the group does not support the assignor"],
  [113, "STALE_MEMBER_EPOCH", "final", "ABORTED", "this member's epoch is not the newest one"],
  [114, "MISMATCHED_ENDPOINT_TYPE", "final", "INTERNAL", "the request was sent to the wrong kind of endpoint"],
  [115, "UNSUPPORTED_ENDPOINT_TYPE", "final", "INTERNAL", "the kind of endpoint is not supported"],
  [116, "UNKNOWN_CONTROLLER_ID", "final", "INTERNAL", "the controller id is not known"],
  [117, "UNKNOWN_SUBSCRIPTION_ID", "final", "INTERNAL", "the telemetry subscription is not known"],
  [118, "TELEMETRY_TOO_LARGE", "final", "RESOURCE_EXHAUSTED", "the client's telemetry is too large"],
  [119, "INVALID_REGISTRATION", "final", "INTERNAL", "the controller calls the registration invalid"],
  [120, "TRANSACTION_ABORTABLE", "final", "ABORTED", "the transaction must be aborted"],
  [121, "INVALID_RECORD_STATE", "final", "INTERNAL", "the record is not in a state that allows this"],
  [122, "SHARE_SESSION_NOT_FOUND", "retry", "UNAVAILABLE", "the broker has forgotten the share session"],
  [123, "INVALID_SHARE_SESSION_EPOCH", "retry", "UNAVAILABLE", "the share session's epoch is not the one expected"],
  [124, "FENCED_STATE_EPOCH", "final", "ABORTED", "the share coordinator has a newer state"],
  [125, "INVALID_VOTER_KEY", "final", "INTERNAL", "the voter's key does not match"],
  [126, "DUPLICATE_VOTER", "final", "ALREADY_EXISTS", "the voter is part of the quorum already"],
  [127, "VOTER_NOT_FOUND", "final", "NOT_FOUND", "the voter is not part of the quorum"],
  [128, "INVALID_REGULAR_EXPRESSION", "final", "FAILED_PRECONDITION", "the regular expression is not valid"],
  [129, "REBOOTSTRAP_REQUIRED", "refresh", "UNAVAILABLE", "the broker wants the client to start from its bootstrap servers again"],
  [130, "STREAMS_INVALID_TOPOLOGY", "final", "FAILED_PRECONDITION", "the topology is not valid"],
  [131, "STREAMS_INVALID_TOPOLOGY_EPOCH", "final", "FAILED_PRECONDITION", "the topology's epoch is not valid"],
  [132, "STREAMS_TOPOLOGY_FENCED", "final", "ABORTED", "the topology's epoch is out of date"],
  [133, "SHARE_SESSION_LIMIT_REACHED", "retry", "RESOURCE_EXHAUSTED", "the broker has as many share sessions as it may have"],
] as const satisfies readonly Row[];

/** Kafka's own names of its error codes. */
export type KafkaErrorName = (typeof ROWS)[number][1];

/** The code of every name: `ErrorCode.NOT_LEADER_OR_FOLLOWER`. */
export const ErrorCode = Object.fromEntries(ROWS.map(([code, name]) => [name, code])) as Readonly<Record<KafkaErrorName, number>>; // Each row has one name.

const ERRORS = new Map<number, KafkaError>(
  ROWS.map(([code, name, remedy, status, message]) => [
    code,
    { code, name, retriable: remedy !== "final", refreshMetadata: remedy === "refresh", status: { code: Code[status], message } },
  ]),
);

/** What a code means. One that has no name yet is final and INTERNAL; its name is `UNKNOWN_ERROR_<code>`. */
export const kafkaError = (code: number): KafkaError =>
  ERRORS.get(code) ?? {
    code,
    name: `UNKNOWN_ERROR_${code}`,
    retriable: false,
    refreshMetadata: false,
    status: { code: Code.INTERNAL, message: `kafka answered with error ${code}, which is not known here` },
  };

/** The status of a code on a subject: `kafka: topic 'x': <message> (NAME)`. */
export const kafkaStatus = (code: number, subject: string): Status => {
  const { name, status } = kafkaError(code);
  return status.code === Code.OK ? status : { code: status.code, message: `kafka: ${subject}: ${status.message} (${name})` };
};
