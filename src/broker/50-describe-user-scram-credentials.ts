// DescribeUserScramCredentials (50), version 0: who can authenticate by which SCRAM mechanism, and with how many iterations.
import {
  describeUserScramCredentials as api,
  type DescribeUserScramCredentialsRequest,
  type DescribeUserScramCredentialsResponse,
} from "../kafka/wire/api/50-describe-user-scram-credentials.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { scramCode } from "./sasl/scram-keys.ts";
import type { ScramUsers } from "./sasl/scram-users.ts";

type Result = DescribeUserScramCredentialsResponse["results"][number];

const failed = (user: string, errorCode: number, errorMessage: string): Result => ({ user, errorCode, errorMessage, credentialInfos: [] });

const described = (user: string, users: ScramUsers): Result => {
  const found = users.of(user);
  if (found.length === 0)
    return failed(user, ErrorCode.RESOURCE_NOT_FOUND, `Attempt to describe a user credential that does not exist: ${user}`);
  const credentialInfos = found.map(({ mechanism, iterations }) => ({ mechanism: scramCode(mechanism), iterations }));
  return { user, errorCode: ErrorCode.NONE, errorMessage: "", credentialInfos };
};

const each = (asked: readonly string[], users: ScramUsers): readonly Result[] => {
  const times = Map.groupBy(asked, (user) => user);
  return [...times].map(([user, { length }]) =>
    length === 1
      ? described(user, users)
      : failed(
          user,
          ErrorCode.DUPLICATE_RESOURCE,
          `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
        ),
  );
};

export const describeUserScramCredentials: BrokerApi<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> = {
  api,
  versions: { min: 0, max: 0 },
  handle({ users }, { client, broker }) {
    if (!broker.access.allows(client, "describe", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const { scram } = broker.security;
    const asked = users === null || users.length === 0 ? scram.users() : users.map(({ name }) => name);
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: "", results: each(asked, scram) };
  },
  /** As Apache Kafka does it: a result for each user that was asked for, without its name. */
  refuse: ({ users }, { code }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: null,
    results: (users ?? []).map(() => ({ user: "", errorCode: code, errorMessage: null, credentialInfos: [] })),
  }),
};
