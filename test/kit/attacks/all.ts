// All attacks.
import type { Attack } from "./attack.ts";
import { FLOODS } from "./floods.ts";
import { SIZES } from "./sizes.ts";
import { SLOW } from "./slow.ts";

export const ATTACKS: readonly Attack[] = [...FLOODS, ...SIZES, ...SLOW];

export const attackNamed = (name: string): Attack => {
  const found = ATTACKS.find((attack) => attack.name === name);
  if (found === undefined) throw new Error(`there is no attack '${name}'`);
  return found;
};
