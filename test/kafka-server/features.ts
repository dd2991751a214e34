// Features of a running broker, raised by its own API.
import { updateFeatures } from "../../src/kafka/wire/api/57-update-features.ts";
import { ErrorCode, kafkaError } from "../../src/kafka/wire/errors.ts";
import { CLOSED, RawKafka } from "../kit/raw-kafka.ts";

/**
 * Has groups of the consumer protocol beside the classic ones (KIP-848), as a broker formatted by Kafka's own tool has. Its heartbeats and
 * sessions are shorter than the five and 45 seconds by default.
 */
export const CONSUMER_GROUPS = {
  features: { "group.version": 1 },
  properties: {
    "group.consumer.min.heartbeat.interval.ms": "300",
    "group.consumer.heartbeat.interval.ms": "300",
    "group.consumer.min.session.timeout.ms": "3000",
    "group.consumer.session.timeout.ms": "3000",
  },
} as const;

const TIMEOUT_MS = 10_000;
const UPGRADE = 1;

/** Resolves when they are at that level; rejects with what the broker says. */
export const raiseFeatures = async (bootstrap: string, features: Readonly<Record<string, number>>): Promise<void> => {
  const featureUpdates = Object.entries(features).map(([feature, maxVersionLevel]) => ({
    feature,
    maxVersionLevel,
    allowDowngrade: false,
    upgradeType: UPGRADE,
  }));
  if (featureUpdates.length === 0) return;
  const raw = await RawKafka.open(bootstrap);
  const answer = await raw.ask(updateFeatures, 1, { timeoutMs: TIMEOUT_MS, featureUpdates, validateOnly: false });
  raw.close();
  if (answer === CLOSED) throw new Error("the broker closed the connection instead of raising its features");
  const all = [answer, ...answer.results];
  const refused = all.find(({ errorCode }) => errorCode !== ErrorCode.NONE);
  if (refused) throw new Error(`features cannot be raised: ${kafkaError(refused.errorCode).name} ${refused.errorMessage ?? ""}`);
};
