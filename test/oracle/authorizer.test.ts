// Access rules against Apache Kafka's own StandardAuthorizer: thousands of random questions about hundreds of random sets of rules are
// answered by both alike.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { Acl } from "../../src/broker/acl/acl.ts";
import { AclIndex } from "../../src/broker/acl/acl-index.ts";
import { Authorizer, hostOf } from "../../src/broker/acl/authorizer.ts";
import { type Operation, operationOf, type ResourceType } from "../../src/broker/acl/codes.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";

const SETS = 400;
const QUESTIONS = 40;
const SEED = 4_711;

/** As Apache Kafka spells it: `transactionalId` is TRANSACTIONAL_ID. */
const spelled = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const OPERATIONS = [...Array(16).keys()].map(operationOf).filter((word): word is Operation => word !== "unknown" && word !== "any");
const KINDS: readonly ResourceType[] = ["topic", "group", "cluster", "transactionalId", "delegationToken"];
const NAMES = ["a", "ab", "abc", "abcd", "b", "ba", "*", "hardcode"];
const HOSTS = ["127.0.0.1", "10.0.0.1", "::1", "2001:db8::5"];

/** Few kinds and operations, so that rules meet. */
const kind = fc.oneof({ weight: 4, arbitrary: fc.constant<ResourceType>("topic") }, { weight: 1, arbitrary: fc.constantFrom(...KINDS) });
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Operation>("read", "write", "describe", "describeConfigs", "all") },
  { weight: 1, arbitrary: fc.constantFrom(...OPERATIONS) },
);
const rule: fc.Arbitrary<Acl> = fc.record({
  resourceType: kind,
  resourceName: fc.constantFrom(...NAMES),
  patternType: fc.constantFrom("literal", "prefixed"),
  principal: fc.constantFrom("User:alice", "User:bob", "User:*"),
  host: fc.oneof(fc.constant("*"), fc.constantFrom(...HOSTS.map(hostOf))),
  operation,
  permission: fc.oneof({ weight: 3, arbitrary: fc.constant("allow" as const) }, { weight: 1, arbitrary: fc.constant("deny" as const) }),
});
const question = fc.record({
  somewhere: fc.nat(4).map((one) => one === 0),
  principal: fc.constantFrom("User:alice", "User:bob", "User:root", "User:ANONYMOUS"),
  host: fc.constantFrom(...HOSTS),
  operation: operation.filter((one) => one !== "all"),
  resourceType: kind,
  resourceName: fc.constantFrom(...NAMES.filter((name) => name !== "*")),
});
const sets = fc.record({
  rules: fc.uniqueArray(rule, { maxLength: 10, selector: (one) => JSON.stringify(one) }),
  allowEveryone: fc.boolean(),
  questions: fc.array(question, { minLength: QUESTIONS, maxLength: QUESTIONS }),
});
type Set_ = typeof sets extends fc.Arbitrary<infer T> ? T : never;

const linesOf = ({ rules, allowEveryone, questions }: Set_): readonly string[] => [
  `C User:root ${allowEveryone}`,
  ...rules.map((acl) =>
    [
      "A",
      spelled(acl.resourceType),
      acl.resourceName,
      spelled(acl.patternType),
      acl.principal,
      acl.host,
      spelled(acl.operation),
      spelled(acl.permission),
    ].join(" "),
  ),
  ...questions.map((one) => {
    const words = [one.principal, one.host, spelled(one.operation), spelled(one.resourceType)];
    return one.somewhere ? ["S", ...words].join(" ") : ["Q", ...words, one.resourceName].join(" ");
  }),
];

const oursOf = ({ rules, allowEveryone, questions }: Set_): readonly boolean[] => {
  const index = new AclIndex();
  for (const acl of rules) index.add(acl);
  const judge = new Authorizer(index, { superUsers: new Set(["User:root"]), allowEveryoneIfNoAclFound: allowEveryone });
  return questions.map(({ somewhere, principal, host, ...what }) => {
    const who = { principal, host: hostOf(host) };
    return somewhere ? judge.isAllowedSomewhere(who, what.operation, what.resourceType) : judge.isAllowed(who, what);
  });
};

const theirsOf = async (lines: readonly string[]): Promise<readonly boolean[]> => {
  const jars = await jarsOf(KAFKA_VERSION);
  const program = fileURLToPath(new URL("Authorize.java", import.meta.url));
  const args = ["-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", `${jars}/*`, program];
  const output = await runOrFail("java", { args, input: `${lines.join("\n")}\n`, timeoutMs: 120_000 });
  const answers = output.toString("utf8").trimEnd().split("\n");
  return answers.map((line) => line === "true");
};

describe(`Apache Kafka ${KAFKA_VERSION}'s StandardAuthorizer`, needs("kafka"), () => {
  it("gives the same answer to every question", async () => {
    const all = fc.sample(sets, { numRuns: SETS, seed: SEED });
    const theirs = await theirsOf(all.flatMap(linesOf));
    const ours = all.flatMap(oursOf);
    assert.equal(theirs.length, SETS * QUESTIONS);
    const asked = all.flatMap((set) => set.questions.map((one) => ({ one, rules: set.rules, allowEveryone: set.allowEveryone })));
    const different = asked.filter((_, at) => ours[at] !== theirs[at]);
    assert.deepEqual(different.slice(0, 3), [], `${different.length} of ${asked.length} answers differ`);
    const allowed = ours.filter((answer) => answer).length;
    assert.ok(allowed > asked.length / 10 && allowed < asked.length * 0.9, `${allowed} of ${asked.length} were allowed`);
  });
});
