// The APIs of settings, as clients ask them: settings of the broker that nobody knows, and the levels of its log.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BrokerOptions } from "../../../src/broker/options.ts";
import { createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { describeConfigs } from "../../../src/kafka/wire/api/32-describe-configs.ts";
import { alterConfigs } from "../../../src/kafka/wire/api/33-alter-configs.ts";
import { incrementalAlterConfigs } from "../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { type Asker, running } from "../running.ts";
import { listeningLog } from "../storage/kit.ts";

const BROKER = 4;
const LOGGER = 8;
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

interface Change {
  readonly type: number;
  readonly resource?: string;
  readonly name: string;
  readonly value?: string | null;
  readonly operation?: number;
}

const changed = async (asker: Asker, { type, resource = "1", name, value = null, operation = SET! }: Change): Promise<number> => {
  const configs = [{ name, configOperation: operation, value }];
  const request = { resources: [{ resourceType: type, resourceName: resource, configs }], validateOnly: false };
  return (await asker.ask(incrementalAlterConfigs, request)).responses[0]!.errorCode;
};

const told = async (asker: Asker, of: { readonly type: number; readonly resource?: string; readonly names: readonly string[] | null }) => {
  const resources = [{ resourceType: of.type, resourceName: of.resource ?? "1", configurationKeys: of.names }];
  const { results } = await asker.ask(describeConfigs, { resources, includeSynonyms: true, includeDocumentation: true });
  return results[0]!;
};

describe("a setting of the broker that is none", () => {
  const name = "sasl.kerberos.min.time.before.relogin";

  test("is kept and told, but its value is not, since it may be a secret", async (context) => {
    const { asker } = await running(context);
    assert.equal(await changed(asker, { type: BROKER, name, value: "58000" }), ErrorCode.NONE);
    assert.equal(await changed(asker, { type: BROKER, resource: "", name, value: "1" }), ErrorCode.NONE);
    const hidden = { readOnly: true, isSensitive: true, configType: 0, documentation: null, value: null, name };
    const toldOf = (source: number) => [{ ...hidden, configSource: source, synonyms: [{ name, value: null, source }] }];
    assert.deepEqual((await told(asker, { type: BROKER, names: [name] })).configs, toldOf(2));
    assert.deepEqual((await told(asker, { type: BROKER, resource: "", names: null })).configs, toldOf(3));
  });

  test("is no list that could be appended to, and is gone when it is deleted", async (context) => {
    const { asker } = await running(context);
    await changed(asker, { type: BROKER, name, value: "58000" });
    assert.equal(await changed(asker, { type: BROKER, name, value: "1", operation: APPEND }), ErrorCode.INVALID_CONFIG);
    assert.equal(await changed(asker, { type: BROKER, name, operation: DELETE }), ErrorCode.NONE);
    assert.deepEqual((await told(asker, { type: BROKER, names: [name] })).configs, []);
  });
});

const levels = async (asker: Asker): Promise<Readonly<Record<string, string | null>>> => {
  const { configs } = await told(asker, { type: LOGGER, names: null });
  assert.ok(configs.every((config) => config.configSource === 6 && !config.readOnly && config.configType === 0));
  return Object.fromEntries(configs.map((config) => [config.name, config.value]));
};

const level = (name: string, value: string | null, operation = SET): Change => ({ type: LOGGER, name, value, operation: operation! });

describe("loggers", () => {
  const options: BrokerOptions = { logLevel: "info" };

  test("follow the root, unless they have a level of their own", async (context) => {
    const { asker } = await running(context, options);
    assert.deepEqual(await levels(asker), { root: "INFO", broker: "INFO", network: "INFO", storage: "INFO" });
    assert.equal(await changed(asker, level("network", "TRACE")), ErrorCode.NONE);
    assert.equal(await changed(asker, level("root", "WARN")), ErrorCode.NONE);
    assert.deepEqual(await levels(asker), { root: "WARN", broker: "WARN", network: "TRACE", storage: "WARN" });
    assert.equal(await changed(asker, level("network", null, DELETE)), ErrorCode.NONE);
    assert.deepEqual((await levels(asker))["network"], "WARN");
  });

  test("are told by name, of this broker only", async (context) => {
    const { asker } = await running(context, options);
    const { configs } = await told(asker, { type: LOGGER, names: ["root", "none"] });
    assert.deepEqual(
      configs.map(({ name }) => name),
      ["root"],
    );
    for (const resource of ["", "2", "x"]) {
      assert.equal((await told(asker, { type: LOGGER, resource, names: null })).errorCode, ErrorCode.INVALID_REQUEST);
      assert.equal(await changed(asker, { ...level("root", "INFO"), resource }), ErrorCode.INVALID_REQUEST);
    }
  });

  const refused: Record<string, readonly [Change, number]> = {
    "a logger that there is not": [level("none", "INFO"), ErrorCode.INVALID_CONFIG],
    "deleting a logger that there is not": [level("none", null, DELETE), ErrorCode.INVALID_CONFIG],
    "a level that there is not": [level("root", "NOISY"), ErrorCode.INVALID_CONFIG],
    "a level in small letters": [level("root", "debug"), ErrorCode.INVALID_CONFIG],
    "no level": [level("storage", null), ErrorCode.INVALID_REQUEST],
    "appending to one": [level("storage", "INFO", APPEND), ErrorCode.INVALID_REQUEST],
    "subtracting from one": [level("storage", "INFO", SUBTRACT), ErrorCode.INVALID_REQUEST],
    "a root without a level": [level("root", null, DELETE), ErrorCode.INVALID_REQUEST],
  };
  for (const [name, [change, code]] of Object.entries(refused)) {
    test(`${name} is refused`, async (context) => {
      const { asker } = await running(context, options);
      assert.equal(await changed(asker, change), code);
      assert.equal((await levels(asker))["root"], "INFO");
    });
  }

  test("are not changed at once, and not when a change is only to be judged", async (context) => {
    const { asker } = await running(context, options);
    const resource = { resourceType: LOGGER, resourceName: "1" };
    const whole = { resources: [{ ...resource, configs: [{ name: "root", value: "WARN" }] }], validateOnly: false };
    assert.equal((await asker.ask(alterConfigs, whole)).responses[0]?.errorCode, ErrorCode.INVALID_REQUEST);
    const judged = { resources: [{ ...resource, configs: [{ name: "root", value: "WARN", configOperation: SET! }] }], validateOnly: true };
    assert.equal((await asker.ask(incrementalAlterConfigs, judged)).responses[0]?.errorCode, ErrorCode.NONE);
    assert.equal((await levels(asker))["root"], "INFO");
  });

  test("say from then on what their level lets through", async (context) => {
    const { log, said } = listeningLog();
    const { asker } = await running(context, { ...options, log });
    const made = async (name: string): Promise<boolean> => {
      const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
      await asker.ask(createTopics, { topics: [topic], timeoutMs: 1_000, validateOnly: false });
      return said.some(({ facts }) => facts["topic"] === name);
    };
    assert.equal(await made("one"), true);
    await changed(asker, level("broker", "ERROR"));
    assert.equal(await made("two"), false);
    await changed(asker, level("broker", null, DELETE));
    assert.equal(await made("three"), true);
  });
});
