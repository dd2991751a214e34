// The settings of groups in force: a group's own, or as they come.
import { BrokerError } from "../broker-error.ts";
import type { Metadata } from "../metadata.ts";
import type { BrokerSettings, Values } from "./broker-settings.ts";
import { checkedValue } from "./definition.ts";
import { type DescribedConfig, type DescribeOptions, described, SOURCE, type Synonym, wanted } from "./described.ts";
import { GROUP_CONFIGS, groupConfig } from "./group-definitions.ts";
import { parseOffsetReset } from "./offset-reset.ts";

const SECTION = "group-settings";
const NONE: Values = new Map();

export class GroupSettings {
  readonly #metadata: Metadata;
  readonly #byGroup = new Map<string, Values>();

  /** With all that are remembered. */
  constructor(metadata: Metadata) {
    this.#metadata = metadata;
    for (const [group, fact] of metadata.recall(SECTION)) this.#byGroup.set(group, new Map(Object.entries(fact as Record<string, string>))); // As they were remembered.
  }

  /** Groups that have settings of their own. */
  groups(): readonly string[] {
    return [...this.#byGroup.keys()].sort();
  }

  own(group: string): Values {
    return this.#byGroup.get(group) ?? NONE;
  }

  text(group: string, name: string): string {
    return this.own(group).get(name) ?? groupConfig(name)?.fallback ?? "";
  }

  number(group: string, name: string): number {
    return Number(this.text(group, name));
  }

  /** The group's own, or what the broker says for all groups: its setting has the same name behind `group.`. */
  inForce(group: string, name: string, broker: BrokerSettings): number {
    const own = this.own(group).get(name);
    return own === undefined ? broker.number(`group.${name}`) : Number(own);
  }

  /** Durable, and in force when answered. */
  async change(group: string, values: Values): Promise<void> {
    const fact = values.size === 0 ? undefined : Object.fromEntries(values);
    await this.#metadata.remember({ section: SECTION, key: group, fact });
    if (values.size === 0) this.#byGroup.delete(group);
    else this.#byGroup.set(group, values);
  }

  describe(group: string, options: DescribeOptions): readonly DescribedConfig[] {
    return wanted(GROUP_CONFIGS, options).map((definition) => {
      const { name, fallback } = definition;
      const value = this.own(group).get(name);
      const without: Synonym = { name: brokerNameOf(name), value: fallback ?? "", source: SOURCE.fallback };
      const synonyms = value === undefined ? [without] : [{ name, value, source: SOURCE.group }, without];
      return described(definition, { synonyms, readOnly: false }, options);
    });
  }
}

/** Those that are settings of the broker too are told by its name for them. */
const ONLY_OF_GROUPS: readonly string[] = ["share.auto.offset.reset", "share.renew.acknowledge.enable", "share.isolation.level"];
const brokerNameOf = (name: string): string => (ONLY_OF_GROUPS.includes(name) ? name : `group.${name}`);

/** Throws INVALID_CONFIG. */
export const checkedGroupValues = (given: Values): Values => {
  const values = new Map<string, string>();
  for (const [name, text] of given) {
    const definition = groupConfig(name);
    if (!definition) throw new BrokerError("INVALID_CONFIG", `'${name}' is no setting of a group`);
    values.set(name, checkedValue(definition, text));
    if (name === "share.auto.offset.reset" && !parseOffsetReset(text.trim()))
      throw new BrokerError("INVALID_CONFIG", `${name} is latest, earliest or by_duration: and a duration, not ${text}`);
  }
  return values;
};
