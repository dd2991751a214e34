// Changes of settings one by one (KIP-339): set, delete, and for lists append and subtract.
import { BrokerError } from "../broker-error.ts";
import type { Values } from "./broker-settings.ts";
import { type ConfigDefinition, listOf } from "./definition.ts";

/** As IncrementalAlterConfigs numbers it. */
export const OPERATION = { set: 0, delete: 1, append: 2, subtract: 3 } as const;
const OPERATIONS: readonly number[] = Object.values(OPERATION);

export interface Alteration {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

/** What changes are made to. */
export interface Altered {
  /** Where the rules below are not its own. Throws a BrokerError. */
  altered?(alterations: readonly Alteration[]): Values;
  readonly own: Values;
  /** Undefined for a setting that there is not. */
  definition(name: string): ConfigDefinition | undefined;
  /** The value in force, to which is appended. */
  inForce(name: string): string;
}

/** The values afterwards, not yet checked. Throws a BrokerError. */
export const alteredValues = (of: Altered, alterations: readonly Alteration[]): Values => {
  const names = alterations.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new BrokerError("INVALID_REQUEST", `'${twice}' is changed twice`);
  if (of.altered) return of.altered(alterations);
  const values = new Map(of.own);
  for (const alteration of alterations) alter(of, values, alteration);
  return values;
};

const alter = (of: Altered, values: Map<string, string>, { name, configOperation, value }: Alteration): void => {
  if (name.trim() === "") throw new BrokerError("INVALID_REQUEST", "a setting without a name");
  if (!OPERATIONS.includes(configOperation)) throw new BrokerError("UNKNOWN_SERVER_ERROR", `there is no operation ${configOperation}`);
  if (configOperation === OPERATION.delete) {
    values.delete(name);
    return;
  }
  if (value === null) throw new BrokerError("INVALID_REQUEST", `no value is given for '${name}'`);
  if (configOperation === OPERATION.set) values.set(name, value);
  else values.set(name, listAfter(of, { name, configOperation, value }));
};

const listAfter = (of: Altered, { name, configOperation, value }: Alteration & { readonly value: string }): string => {
  const definition = of.definition(name);
  if (!definition) throw new BrokerError("INVALID_CONFIG", `there is no setting '${name}'`);
  if (definition.type !== "list") throw new BrokerError("INVALID_CONFIG", `'${name}' is no list: it can only be set`);
  const now = listOf(of.inForce(name));
  const given = listOf(value);
  if (configOperation === OPERATION.append) return [...now, ...given.filter((element) => !now.includes(element))].join(",");
  return now.filter((element) => !given.includes(element)).join(",");
};
