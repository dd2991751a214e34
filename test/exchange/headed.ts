// Record headers as a record shows them, for tests.
import { utf8 } from "../../src/core/bytes.ts";
import type { RecordHeaders, StoredRecord } from "../../src/ports/kafka.ts";

/** Headers from names and texts; null is null. */
export const headersOf = (pairs: readonly (readonly [name: string, value: string | Uint8Array | null])[]): RecordHeaders =>
  pairs.map(([name, value]) => ({ name, value: typeof value === "string" ? utf8(value) : value }));

export const headed = (headers: RecordHeaders): Pick<StoredRecord, "header" | "eachHeader"> => ({
  header: (name) => headers.findLast((header) => header.name === name)?.value,
  eachHeader: (visit, prefix = "") => {
    for (const { name, value } of headers) if (name.startsWith(prefix)) visit(name, value);
  },
});
