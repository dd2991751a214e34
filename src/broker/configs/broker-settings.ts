// The broker's settings in force: changed for this node, changed for all nodes, given at the start, or as they come.
import { BROKER_CONFIGS, brokerConfig } from "./broker-definitions.ts";
import { numberOf } from "./definition.ts";
import { type DescribedConfig, type DescribeOptions, described, SOURCE, type Synonym, wanted } from "./described.ts";

export type Values = ReadonlyMap<string, string>;
/** `node`: of this node; `all`: of every node there might be. */
export type SettingsScope = "node" | "all";

/** As DescribeConfigs numbers it. */
const UNKNOWN_TYPE = 0;
const NONE: Values = new Map();

export class BrokerSettings {
  readonly #given: Values;
  readonly #changed: Record<SettingsScope, Values> = { node: NONE, all: NONE };
  readonly #listeners = new Set<() => void>();

  /** Given at the start. */
  constructor(given: Values) {
    this.#given = given;
  }

  changed(scope: SettingsScope): Values {
    return this.#changed[scope];
  }

  change(scope: SettingsScope, values: Values): void {
    this.#changed[scope] = values;
    for (const call of [...this.#listeners]) call();
  }

  /** Called after every change. */
  listen(call: () => void): () => void {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  text(name: string): string | null {
    return this.synonyms(name)[0]?.value ?? null;
  }

  /** Of a setting that always has a value. */
  number(name: string): number {
    return numberOf(this.text(name) ?? "");
  }

  flag(name: string): boolean {
    return this.text(name) === "true";
  }

  /** Every value that there is, the one that holds first. */
  synonyms(name: string): readonly Synonym[] {
    const values = [
      [this.#changed.node.get(name), SOURCE.dynamicBroker],
      [this.#changed.all.get(name), SOURCE.dynamicDefault],
      [this.#given.get(name), SOURCE.staticBroker],
      [brokerConfig(name)?.fallback ?? undefined, SOURCE.fallback],
    ] as const;
    return values.flatMap(([value, source]) => (value === undefined ? [] : [{ name, value, source }]));
  }

  describe(options: DescribeOptions): readonly DescribedConfig[] {
    const known = wanted(BROKER_CONFIGS, options).map((definition) =>
      described(definition, { synonyms: this.synonyms(definition.name), readOnly: !definition.dynamic }, options),
    );
    const unknown = new Set([...this.#changed.node.keys(), ...this.#changed.all.keys()].filter((name) => !brokerConfig(name)));
    return [...known, ...this.#describeUnknown([...unknown], options)];
  }

  /** Only what was changed for all nodes. */
  describeAll(options: DescribeOptions): readonly DescribedConfig[] {
    return wanted(BROKER_CONFIGS, options)
      .filter(({ name }) => this.#changed.all.has(name))
      .map((definition) => {
        const synonyms = this.synonyms(definition.name).filter(({ source }) => source === SOURCE.dynamicDefault);
        return described(definition, { synonyms, readOnly: false }, options);
      })
      .concat(
        this.#describeUnknown(
          [...this.#changed.all.keys()].filter((name) => !brokerConfig(name)),
          options,
          SOURCE.dynamicDefault,
        ),
      );
  }

  /** What nobody knows might be a secret. */
  #describeUnknown(names: readonly string[], options: DescribeOptions, source?: number): readonly DescribedConfig[] {
    return names
      .filter((name) => options.names === null || options.names.includes(name))
      .map((name) => {
        const synonyms = this.synonyms(name)
          .filter((synonym) => source === undefined || synonym.source === source)
          .slice(0, 1);
        const hidden = options.withSynonyms ? synonyms.map((synonym) => ({ ...synonym, value: null })) : [];
        const told = { readOnly: true, isSensitive: true, configType: UNKNOWN_TYPE, documentation: null };
        return { name, value: null, configSource: synonyms[0]?.source ?? SOURCE.fallback, synonyms: hidden, ...told };
      });
  }
}
