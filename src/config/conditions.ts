// What the routes of several bindings share: methods, metadata, and texts that come from a guard's session.
import { fromBase64, utf8 } from "../core/bytes.ts";
import { nearest } from "./nearest.ts";
import type { Guarded, RouteNode, Value } from "./node.ts";
import { either, mapOf, object, type Schema, text } from "./schema.ts";

/** A metadata that a call must have; absent metadata does not match. */
export interface MetadataCondition {
  /** In lower case, without `-bin`. */
  readonly name: string;
  /** What the text metadata must be; undefined: only a binary one can match. */
  readonly text?: string;
  /** What the binary metadata (`<name>-bin`), decoded, must be. */
  readonly bytes: Uint8Array;
}

export const METADATA_SCHEMA: Schema = mapOf(
  "Metadata that the call must have, by name without '-bin'; all of them",
  either("a text, or '{ base64: … }' for binary metadata", [
    { type: "string" },
    object("Binary metadata", { base64: text("Its bytes, as base64 of either alphabet") }, { required: ["base64"] }),
  ]),
);

const metadataCondition = (written: string, value: Value): MetadataCondition => {
  const lower = written.toLowerCase();
  if (lower.endsWith("-bin")) value.warn(`'${written}' is compared as '${lower.slice(0, -4)}': names stand here without '-bin'`);
  const name = lower.endsWith("-bin") ? lower.slice(0, -4) : lower;
  const plain = value.string();
  if (plain !== undefined) return { name, text: plain, bytes: utf8(plain) };
  const encoded = value.at("base64").string() ?? "";
  const bytes = fromBase64(encoded);
  if (!bytes) value.at("base64").refuse(`found '${encoded}', but base64 is needed`);
  return { name, bytes: bytes ?? new Uint8Array(0) };
};

/** `metadata` of a condition. */
export const metadataConditions = (value: Value): readonly MetadataCondition[] =>
  value.entries().map(([name, each]) => metadataCondition(name, each));

/** An exact service with an exact method; absent: any. */
export interface MethodCondition {
  readonly service?: string;
  readonly method?: string;
}

export const EXACT_METHOD_SCHEMA: Schema = text("'package.Service/Method', or 'package.Service/*' for all methods of the service");

/** `service/method` or `service/*`, as grpc-kafka and kafka-grpc know it: no other wildcards. */
export const methodCondition = (value: Value): MethodCondition => {
  const written = value.string();
  if (written === undefined) return {};
  const [service = "", method = "", ...rest] = written.split("/");
  if (rest.length > 0 || service === "" || method === "") {
    value.refuse(`found '${written}', but 'package.Service/Method' or 'package.Service/*' is needed`);
    return {};
  }
  if (service.includes("*")) value.warn(`'${service}' is compared literally: '*' stands for a whole method only`);
  if (method !== "*" && method.includes("*")) value.warn(`'${method}' is compared literally: '*' stands for a whole method only`);
  return method === "*" ? { service } : { service, method };
};

/** A text of the file, or what a guard found out about the caller. */
export type CallerText =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "identity"; readonly guard: string }
  | { readonly kind: "attribute"; readonly guard: string; readonly name: string };

const CALLER_TEXT = /^\$\{guarded\['([^']*)'\]\.(?:identity|attributes\.([a-zA-Z][\w.:-]*))\}$/;

/** The guard must be one that the route asks: of no other anything is known. */
export const callerText = (value: Value, guarded: readonly Guarded[]): CallerText => {
  const written = value.string() ?? "";
  const match = CALLER_TEXT.exec(written);
  if (!match) return literalText(value, written);
  const [, guard = "", name] = match;
  const asked = guarded.map((each) => each.guard.text);
  if (!asked.includes(guard)) {
    const near = nearest(guard, asked);
    const meant = near ? `; did you mean '${near}'?` : "";
    value.refuse(`found the guard '${guard}', but the 'guarded' of this route does not name it${meant}`);
  }
  return name === undefined ? { kind: "identity", guard } : { kind: "attribute", guard, name };
};

const literalText = (value: Value, written: string): CallerText => {
  if (written.startsWith("${guarded") && written.endsWith("}")) {
    value.refuse(`found '${written}', but \${guarded['<guard>'].identity} or \${guarded['<guard>'].attributes.<name>} is needed`);
  } else if (written.includes("${guarded")) {
    value.warn(`'${written}' is taken literally: an expression must be the whole text`);
  }
  return { kind: "literal", text: written };
};

/** The exit of a route as the file spells it. A route without one, and without the binding's, is a mistake. */
export const exitOf = (route: RouteNode): string => route.exit?.text ?? "";
