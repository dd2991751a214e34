// The APIs that one node of Apache Kafka 4.3.1 answers and this broker does not, with the reason of each.

export interface Absent {
  readonly key: number;
  readonly name: string;
  readonly why: string;
}

type Row = readonly [why: string, ...apis: (readonly [key: number, name: string])[]];

const ROWS: readonly Row[] = [
  [
    "delegation tokens: users are made with a password or by SCRAM",
    [38, "CreateDelegationToken"],
    [39, "RenewDelegationToken"],
    [40, "ExpireDelegationToken"],
    [41, "DescribeDelegationToken"],
  ],
  ["quotas: nobody is throttled", [49, "AlterClientQuotas"]],
  [
    "raft: there is one node, without a quorum",
    [55, "DescribeQuorum"],
    [64, "UnregisterBroker"],
    [80, "AddRaftVoter"],
    [81, "RemoveRaftVoter"],
  ],
  [
    "streams groups (KIP-1071): Kafka Streams uses the classic protocol unless told otherwise",
    [88, "StreamsGroupHeartbeat"],
    [89, "StreamsGroupDescribe"],
  ],
];

export const ABSENT: readonly Absent[] = ROWS.flatMap(([why, ...apis]) => apis.map(([key, name]) => ({ key, name, why }))).sort(
  (a, b) => a.key - b.key,
);
