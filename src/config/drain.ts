// `limits.drain` of a file: how long calls in hand may go on after the process was asked to end.
import type { Graph } from "./graph.ts";
import { durationMs } from "./units.ts";

/** The largest of the namespaces that say one; undefined when none does. */
export const drainMsOf = ({ namespaces }: Graph): number | undefined => {
  const said = namespaces.map(({ value }) => value.at("limits", "drain")).filter(({ present }) => present);
  return said.length > 0 ? Math.max(...said.map((drain) => durationMs(drain, 0))) : undefined;
};
