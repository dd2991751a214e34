// Quotas: there are none, and questions for them are judged as Apache Kafka judges them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescribeClientQuotasRequest, describeClientQuotas } from "../../src/kafka/wire/api/48-describe-client-quotas.ts";
import { ErrorCode } from "../../src/kafka/wire/errors.ts";
import { running } from "./running.ts";

type Component = DescribeClientQuotasRequest["components"][number];
const of = (entityType: string, matchType: number, match: string | null = null): Component => ({ entityType, matchType, match });

describe("asked for quotas", () => {
  const asked: Record<string, readonly [readonly Component[], number]> = {
    "of all": [[], ErrorCode.NONE],
    "of a user": [[of("user", 0, "alice")], ErrorCode.NONE],
    "of users and clients": [[of("user", 2), of("client-id", 1)], ErrorCode.NONE],
    "of addresses": [[of("ip", 2)], ErrorCode.NONE],
    "of nothing": [[of("", 2)], ErrorCode.INVALID_REQUEST],
    "of what has none": [[of("planet", 2)], ErrorCode.UNSUPPORTED_VERSION],
    "of users twice": [[of("user", 1), of("user", 2)], ErrorCode.INVALID_REQUEST],
    "of addresses and users": [[of("ip", 2), of("user", 2)], ErrorCode.INVALID_REQUEST],
    "by a match that there is not": [[of("user", 9)], ErrorCode.INVALID_REQUEST],
    "by a name that is missing": [[of("user", 0)], ErrorCode.INVALID_REQUEST],
    "by a name that is too much": [[of("user", 1, "alice")], ErrorCode.INVALID_REQUEST],
  };
  for (const [name, [components, code]] of Object.entries(asked)) {
    test(`${name}, it answers ${code}`, async (context) => {
      const { asker } = await running(context);
      const { errorCode, entries } = await asker.ask(describeClientQuotas, { components, strict: false });
      assert.deepEqual([errorCode, entries], [code, code === ErrorCode.NONE ? [] : null]);
    });
  }
});
