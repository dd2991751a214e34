// What a setting is: its name, type, default and bounds; and whether a text is a value of it.
import { BrokerError } from "../broker-error.ts";

export type ConfigType = "boolean" | "string" | "int" | "short" | "long" | "double" | "list" | "class" | "password";

/** As DescribeConfigs numbers them. */
export const CONFIG_TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
};

export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** As text; null: none. */
  readonly fallback: string | null;
  /** Values, or elements of a list, that there may be; absent: any. */
  readonly allowed?: readonly string[];
  /** Of a number. */
  readonly min?: number;
  readonly max?: number;
  /** What it does, in a sentence. */
  readonly about: string;
}

/** The largest long there is: what Kafka writes for "never" and "any". */
export const LONG_MAX = "9223372036854775807";

/** A value as a number; "never" and "any" are the largest there is. */
export const numberOf = (value: string): number => Math.min(Number(value), Number.MAX_SAFE_INTEGER);

const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const RANGES: Partial<Record<ConfigType, readonly [bigint, bigint]>> = {
  short: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** The elements of a list, without the spaces around them. */
export const listOf = (value: string): readonly string[] =>
  value.trim() === ""
    ? []
    : value
        .trim()
        .split(",")
        .map((element) => element.trim());

/** As it is kept and told. Throws a BrokerError when the text is no value of the setting. */
export const checkedValue = (definition: ConfigDefinition, text: string): string => {
  const value = definition.type === "password" ? text : text.trim();
  const fault = faultOf(definition, value);
  if (fault === undefined) return definition.type === "boolean" ? value.toLowerCase() : value;
  throw new BrokerError("INVALID_CONFIG", `'${value}' is not a value of ${definition.name}: ${fault}`);
};

const faultOf = (definition: ConfigDefinition, value: string): string | undefined => {
  const { type, allowed } = definition;
  if (type === "boolean") return /^(true|false)$/i.test(value) ? undefined : "true or false is wanted";
  if (type === "list") return listFault(listOf(value), allowed);
  const range = RANGES[type];
  if (range) return wholeFault(definition, value, range);
  if (type === "double") return DECIMAL.test(value) ? boundsFault(definition, Number(value)) : "a number is wanted";
  return allowed === undefined || allowed.includes(value) ? undefined : `one of ${allowed.join(", ")} is wanted`;
};

const listFault = (elements: readonly string[], allowed: readonly string[] | undefined): string | undefined => {
  const strange = elements.find((element) => element === "" || (allowed && !allowed.includes(element)));
  if (strange !== undefined) return `elements may be ${allowed?.join(", ") ?? "anything but nothing"}`;
  return allowed && new Set(elements).size < elements.length ? "an element is there twice" : undefined;
};

const wholeFault = (definition: ConfigDefinition, value: string, [least, most]: readonly [bigint, bigint]): string | undefined => {
  if (!WHOLE.test(value)) return "a whole number is wanted";
  const number = BigInt(value.replace("+", ""));
  return number < least || number > most ? `it does not fit a ${definition.type}` : boundsFault(definition, Number(number));
};

const boundsFault = ({ min, max }: ConfigDefinition, value: number): string | undefined => {
  if (min !== undefined && value < min) return `at least ${min} is wanted`;
  return max !== undefined && value > max ? `at most ${max} is wanted` : undefined;
};
