// The one broker of a test run. `npm test` starts it and names it in SLUICE_KAFKA; a test file that is run alone starts its own.
import { randomBytes } from "node:crypto";
import { type KafkaOptions, startKafka } from "../kafka-server/server.ts";
import { createTopics, deleteTopics, type TopicOptions } from "./topics.ts";

/** A broker that others use too: make topics with names of your own. */
export interface SharedKafka {
  readonly bootstrap: string;
  /** Creates topics, and returns their names: each is made unique, so that no test meets another's records. */
  topics<Name extends string>(topics: Readonly<Record<Name, number | TopicOptions>>): Promise<Readonly<Record<Name, string>>>;
  /** Removes those topics, and ends the broker if it was started here. */
  stop(): Promise<void>;
}

/** For `before`: `kafka = await sharedKafka()`; and `after(() => kafka.stop())`. With options, a broker of one's own. */
export const sharedKafka = async (options?: KafkaOptions): Promise<SharedKafka> => {
  const given = options ? undefined : process.env["SLUICE_KAFKA"] || undefined;
  const own = given ? undefined : await startKafka(options);
  const bootstrap = given ?? own?.bootstrap ?? "";
  const made: string[] = [];
  return {
    bootstrap,
    async topics(topics) {
      const ending = randomBytes(4).toString("hex");
      const names: Record<string, string> = {};
      const wanted: Record<string, number | TopicOptions> = {};
      for (const [name, of] of Object.entries<number | TopicOptions>(topics)) {
        names[name] = `${name}-${ending}`;
        wanted[`${name}-${ending}`] = of;
      }
      await createTopics(bootstrap, wanted);
      made.push(...Object.keys(wanted));
      return names as Readonly<Record<keyof typeof topics, string>>; // The same keys, one by one.
    },
    async stop() {
      if (own) await own.stop();
      else if (made.length > 0) await deleteTopics(bootstrap, made);
    },
  };
};
