// What has settings: topics, the broker, groups; found by type and name, described and changed in one way.
import { CLUSTER } from "../access.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { nameFault } from "../topics/names.ts";
import type { Topic } from "../topics/topic.ts";
import { brokerConfig } from "./broker-definitions.ts";
import type { SettingsScope, Values } from "./broker-settings.ts";
import { groupConfig } from "./group-definitions.ts";
import { checkedGroupValues } from "./group-settings.ts";
import { loggerResource } from "./logger-resource.ts";
import type { ConfigResource, Purpose } from "./resource.ts";
import { changeSettings, checkedBrokerValues } from "./restored.ts";
import { topicConfig } from "./topic-definitions.ts";
import { checkedTopicValues, describeTopic, topicValue } from "./topic-settings.ts";

/** As the APIs of settings number it. */
export const RESOURCE = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const;

export interface NamedResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Throws a BrokerError: there is none, or the client may not. */
export const resourceOf = ({ resourceType, resourceName }: NamedResource, purpose: Purpose, context: RequestContext): ConfigResource => {
  if (resourceType === RESOURCE.topic) return topicResource(resourceName, purpose, context);
  if (resourceType === RESOURCE.broker) return brokerResource(resourceName, purpose, context);
  if (resourceType === RESOURCE.brokerLogger) return loggerResource(resourceName, purpose, context);
  if (resourceType === RESOURCE.group) return groupResource(resourceName, purpose, context);
  throw new BrokerError("INVALID_REQUEST", `resources of type ${resourceType} have no settings here`);
};

const topicOf = (name: string, purpose: Purpose, { broker, client }: RequestContext): Topic | BrokerError => {
  if (!broker.access.allows(client, purpose, { type: "topic", name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  const fault = nameFault(name);
  if (fault !== undefined) throw new BrokerError("INVALID_TOPIC_EXCEPTION", fault);
  const topic = broker.topics.get(name);
  if (topic) return topic;
  const absent = new BrokerError("UNKNOWN_TOPIC_OR_PARTITION", `there is no topic '${name}'`);
  if (purpose === "alterConfigs") return absent;
  throw absent;
};

/** Settings for a topic that is not there: as in Apache Kafka, they are judged first. */
const absentTopic = (absent: BrokerError, { broker: { settings } }: RequestContext): ConfigResource => {
  const inForce = { own: new Map<string, string>(), broker: settings };
  return {
    own: inForce.own,
    definition: topicConfig,
    inForce: (setting) => topicValue(setting, inForce),
    describe: () => [],
    check(values) {
      checkedTopicValues(values, settings);
      throw absent;
    },
    apply: () => Promise.reject(absent),
  };
};

const topicResource = (name: string, purpose: Purpose, context: RequestContext): ConfigResource => {
  const topic = topicOf(name, purpose, context);
  if (topic instanceof BrokerError) return absentTopic(topic, context);
  const { settings, topics } = context.broker;
  const inForce = { own: topic.own, broker: settings };
  return {
    own: topic.own,
    definition: topicConfig,
    inForce: (setting) => topicValue(setting, inForce),
    describe: (options) => describeTopic(inForce, options),
    check: (values) => checkedTopicValues(values, settings),
    apply: (values) => topics.configure(topic, values),
  };
};

const scopeOf = (name: string, { nodeId }: RequestContext["broker"]): SettingsScope => {
  if (name === "") return "all";
  if (!/^\d+$/.test(name)) throw new BrokerError("INVALID_REQUEST", `'${name}' is no number of a broker`);
  if (Number(name) !== nodeId) throw new BrokerError("INVALID_REQUEST", `the broker asked is ${nodeId}, not ${name}`);
  return "node";
};

const brokerResource = (name: string, purpose: Purpose, { broker, client }: RequestContext): ConfigResource => {
  if (!broker.access.allows(client, purpose, CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
  const scope = scopeOf(name, broker);
  const { settings, metadata } = broker;
  return {
    own: settings.changed(scope),
    definition: brokerConfig,
    inForce: (setting) => settings.text(setting) ?? "",
    describe: (options) => (scope === "all" ? settings.describeAll(options) : settings.describe(options)),
    check: (values) => checkedDynamic(values, settings.changed(scope)),
    apply: (values) => changeSettings(metadata, settings, { scope, values }),
  };
};

/** Settings that there are not are kept and told as they came, as by Apache Kafka: there they may be a plug-in's. */
const checkedDynamic = (values: Values, before: Values): Values => {
  for (const [name, value] of values)
    if (brokerConfig(name)?.dynamic === false && before.get(name) !== value)
      throw new BrokerError("INVALID_REQUEST", `'${name}' cannot be changed while the broker runs`);
  const known = checkedBrokerValues(new Map([...values].filter(([name]) => brokerConfig(name))));
  return new Map([...values].map(([name, value]) => [name, known.get(name) ?? value]));
};

const groupResource = (name: string, purpose: Purpose, { broker, client }: RequestContext): ConfigResource => {
  if (!broker.access.allows(client, purpose, { type: "group", name })) throw new BrokerError("GROUP_AUTHORIZATION_FAILED");
  if (name === "") throw new BrokerError("INVALID_REQUEST", "the name of the group is empty");
  const { groupSettings } = broker;
  return {
    own: groupSettings.own(name),
    definition: groupConfig,
    inForce: (setting) => groupSettings.text(name, setting),
    describe: (options) => groupSettings.describe(name, options),
    check: checkedGroupValues,
    apply: (values) => groupSettings.change(name, values),
  };
};
