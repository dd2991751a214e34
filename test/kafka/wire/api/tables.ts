// Every table of an API and every versioned struct, found by the files there are: a table that is added is tested without being listed.
import { readdirSync } from "node:fs";
import type { Api } from "../../../../src/kafka/wire/api/api.ts";
import { consumerAssignment, consumerSubscription } from "../../../../src/kafka/wire/api/consumer-protocol.ts";
import { controlRecordType, endTxnMarker } from "../../../../src/kafka/wire/api/control-records.ts";
import type { Versioned } from "../../../../src/kafka/wire/api/versioned.ts";

export interface Table {
  /** `18-api-versions.ts` */
  readonly file: string;
  readonly api: Api<unknown, unknown>;
}

const folder = new URL("../../../../src/kafka/wire/api/", import.meta.url);

const isApi = (value: unknown): value is Api<unknown, unknown> => typeof value === "object" && value !== null && "key" in value;

export const tables: readonly Table[] = await Promise.all(
  readdirSync(folder)
    .filter((file) => /^\d/.test(file))
    .map(async (file) => {
      const exported: Readonly<Record<string, unknown>> = await import(new URL(file, folder).href);
      const apis = Object.values(exported).filter(isApi);
      if (apis.length !== 1) throw new Error(`${file} exports ${apis.length} tables`);
      return { file, api: apis[0]! };
    }),
);

export const versioned: readonly Versioned<unknown>[] = [
  asUnknown(consumerSubscription),
  asUnknown(consumerAssignment),
  asUnknown(controlRecordType),
  asUnknown(endTxnMarker),
];

/** Tests write only what the same table has read or made. */
function asUnknown<T>(of: Versioned<T>): Versioned<unknown> {
  return of as unknown as Versioned<unknown>;
}
