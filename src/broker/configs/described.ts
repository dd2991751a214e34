// A setting as it is told: its value, where that comes from, and what it would be without.
import { CONFIG_TYPE_CODES, type ConfigDefinition } from "./definition.ts";

/** Where a value comes from, as DescribeConfigs numbers it. */
export const SOURCE = { topic: 1, dynamicBroker: 2, dynamicDefault: 3, staticBroker: 4, fallback: 5, logger: 6, group: 8 } as const;

export interface Synonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** As it is told: null is kept from who asks. */
interface ToldSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly ToldSynonym[];
  readonly configType: number;
  readonly documentation: string | null;
}

/** What is asked for. */
export interface DescribeOptions {
  /** Null: all. */
  readonly names: readonly string[] | null;
  readonly withSynonyms: boolean;
  readonly withDocumentation: boolean;
}

/** The first of the synonyms is the value that holds. */
export const described = (
  definition: ConfigDefinition,
  { synonyms, readOnly }: { readonly synonyms: readonly Synonym[]; readonly readOnly: boolean },
  { withSynonyms, withDocumentation }: DescribeOptions,
): DescribedConfig => {
  const isSensitive = definition.type === "password";
  return {
    name: definition.name,
    value: isSensitive ? null : (synonyms[0]?.value ?? definition.fallback),
    readOnly,
    configSource: synonyms[0]?.source ?? SOURCE.fallback,
    isSensitive,
    synonyms: withSynonyms && !isSensitive ? synonyms : [],
    configType: CONFIG_TYPE_CODES[definition.type],
    documentation: withDocumentation ? definition.about : null,
  };
};

export const wanted = <Of extends ConfigDefinition>(all: readonly Of[], { names }: DescribeOptions): readonly Of[] =>
  names === null ? all : all.filter(({ name }) => names.includes(name));
