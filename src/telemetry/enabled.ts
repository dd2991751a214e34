// Which metrics of a binding are on: those that its namespace lists and one of the binding's patterns matches in full.
import type { BindingNode, Value } from "../config/node.ts";
import type { Warning } from "../config/place.ts";

/** A pattern that is no regular expression matches nothing; the schema of `telemetry` has refused it already. */
const patternOf = (text: string): RegExp | undefined => {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return undefined;
  }
};

/** The metrics of a binding, given the `telemetry` of its namespace. */
export const enabledMetrics = (telemetry: Value, node: BindingNode): ReadonlySet<string> => {
  const listed = telemetry.at("metrics").strings();
  const patterns = node.at("telemetry", "metrics").strings().map(patternOf);
  return new Set(listed.filter((name) => patterns.some((pattern) => pattern?.test(name))));
};

/** Patterns of a binding that match no metric its namespace lists: most likely misspelled. */
export const idlePatterns = (telemetry: Value, node: BindingNode): readonly Warning[] => {
  const listed = telemetry.at("metrics").strings();
  return node
    .at("telemetry", "metrics")
    .items()
    .flatMap((item) => {
      const pattern = patternOf(item.string() ?? "");
      const idle = !listed.some((name) => pattern?.test(name));
      return idle ? [{ place: item.place, message: `'${item.string() ?? ""}' matches no metric that telemetry.metrics lists` }] : [];
    });
};
