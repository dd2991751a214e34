// The jars of Apache Kafka, copied by Maven once a version into the cache. Versions are exact: the command classes of some releases
// are missing from the repositories, so a range would break one day.
import { fileURLToPath } from "node:url";
import { cached } from "../kit/cache.ts";
import { isInstalled, runOrFail } from "../kit/processes.ts";

export const KAFKA_VERSIONS = ["4.3.1", "3.9.2"] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];
export const KAFKA_VERSION: KafkaVersion = "4.3.1";

/** What a machine needs before any Kafka can run; undefined when it has all. */
export const missingForKafka = (): string | undefined => {
  const missing = ["java", "mvn"].filter((program) => !isInstalled(program));
  return missing.length === 0 ? undefined : `${missing.join(" and ")} not found`;
};

/** A directory with all jars of that version. */
export const jarsOf = (version: KafkaVersion): Promise<string> =>
  cached(`kafka-${version}`, async (directory) => {
    const pom = fileURLToPath(new URL(`kafka-${version}.xml`, import.meta.url));
    const args = ["-B", "-q", "dependency:copy-dependencies", "-f", pom, `-DoutputDirectory=${directory}`, "-DincludeScope=runtime"];
    await runOrFail("mvn", { args, timeoutMs: 300_000 });
  });
