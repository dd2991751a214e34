// Which records a fetch wants.
import type { FetchQuery, Filter } from "../../ports/kafka.ts";
import type { BatchRecord } from "../wire/stored-record.ts";

const holds = ({ key, headers = [] }: Filter, record: BatchRecord): boolean =>
  (key === undefined || record.hasKey(key)) && headers.every(({ name, value }) => record.hasHeader(name, value));

/** Undefined: every record. */
export const wantedBy = ({
  filters,
  correlated,
}: Pick<FetchQuery, "filters" | "correlated">): ((record: BatchRecord) => boolean) | undefined => {
  if (correlated) return (record) => record.hasHeader(correlated.name, correlated.value);
  if (filters.length === 0) return undefined;
  return (record) => filters.some((filter) => holds(filter, record));
};
