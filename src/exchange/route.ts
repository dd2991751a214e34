// Which calls a route takes. The interfaces say what is needed of a condition; config reads them from the file.
import { equal, fromBase64 } from "../core/bytes.ts";
import type { Call, Metadata } from "../ports/grpc.ts";
import { valueBytes } from "./metadata.ts";

/** A metadata that a call must have. */
export interface MetadataCondition {
  /** In lower case, without `-bin`. */
  readonly name: string;
  /** What the text metadata must be; absent: only a binary one can match. */
  readonly text?: string;
  /** What the binary metadata (`<name>-bin`), decoded, must be. */
  readonly bytes: Uint8Array;
}

/** What a call must be; everything that is named must hold. */
export interface CallCondition {
  readonly service?: string;
  /** Absent: any of the service. */
  readonly method?: string;
  readonly metadata?: readonly MetadataCondition[];
}

/**
 * Whether all conditions hold. Absent metadata matches nothing. Of a name with several values any may match, or all joined as they are on a
 * topic; binary values are compared as bytes, whatever their alphabet and padding.
 */
export const matchesMetadata = (metadata: Metadata, conditions: readonly MetadataCondition[]): boolean => {
  for (const condition of conditions) if (!holds(metadata, condition)) return false;
  return true;
};

/** Whether any condition holds; none given: always. */
export const matchesCall = (call: Pick<Call, "service" | "method" | "metadata">, when: readonly CallCondition[]): boolean => {
  if (when.length === 0) return true;
  for (const { service, method, metadata } of when) {
    if (service !== undefined && service !== call.service) continue;
    if (method !== undefined && method !== call.method) continue;
    if (metadata === undefined || matchesMetadata(call.metadata, metadata)) return true;
  }
  return false;
};

const holds = (metadata: Metadata, { name, text, bytes }: MetadataCondition): boolean => {
  const binary = `${name}-bin`;
  const texts: string[] = [];
  for (const [other, value] of metadata) {
    if (other === binary && sameBytes(value, bytes)) return true;
    if (other !== name || text === undefined) continue;
    if (sameText(value, text)) return true;
    texts.push(value);
  }
  return text !== undefined && texts.length > 1 && sameText(texts.join(", "), text);
};

/** A value comes with one character a byte, the file's text is UTF-8. */
const sameText = (value: string, text: string): boolean => value === text || equal(valueBytes(value), Buffer.from(text, "utf8"));

/** gRPC lets several binary values travel joined by commas. */
const sameBytes = (value: string, bytes: Uint8Array): boolean =>
  value.split(",").some((part) => {
    const decoded = fromBase64(part.trim());
    return decoded !== undefined && equal(decoded, bytes);
  });
