// The broker's settings as they were changed while it ran, and how such changes are remembered.
import { BrokerError } from "../broker-error.ts";
import type { Metadata } from "../metadata.ts";
import { brokerConfig } from "./broker-definitions.ts";
import { BrokerSettings, type SettingsScope, type Values } from "./broker-settings.ts";
import { checkedValue } from "./definition.ts";

const SECTION = "broker-settings";

/** Throws a BrokerError when a setting that is given at the start is not one. */
export const restoreSettings = (given: Values, metadata: Metadata): BrokerSettings => {
  const settings = new BrokerSettings(checkedBrokerValues(given));
  const known = metadata.recall(SECTION);
  for (const scope of ["all", "node"] as const) {
    const values = known.get(scope);
    if (values) settings.change(scope, new Map(Object.entries(values as Record<string, string>))); // As they were remembered.
  }
  return settings;
};

/** Durable, and in force when answered. */
export const changeSettings = async (metadata: Metadata, settings: BrokerSettings, changed: ChangedSettings): Promise<void> => {
  await metadata.remember({ section: SECTION, key: changed.scope, fact: Object.fromEntries(changed.values) });
  settings.change(changed.scope, changed.values);
};

export interface ChangedSettings {
  readonly scope: SettingsScope;
  readonly values: Values;
}

/** Throws INVALID_CONFIG. */
export const checkedBrokerValues = (given: Values): Values => {
  const values = new Map<string, string>();
  for (const [name, text] of given) {
    const definition = brokerConfig(name);
    if (!definition) throw new BrokerError("INVALID_CONFIG", `'${name}' is no setting of the broker`);
    values.set(name, checkedValue(definition, text));
  }
  return values;
};
