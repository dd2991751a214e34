// Texts of a route that may stand for who calls: resolved once a call, from what its guards found.
import { EMPTY, utf8 } from "../core/bytes.ts";
import type { Call } from "../ports/grpc.ts";

/** A text of the file, or what a guard found out about the caller. */
export type CallerText =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "identity"; readonly guard: string }
  | { readonly kind: "attribute"; readonly guard: string; readonly name: string };

/** From a call to the bytes of the text; what the guard does not know of the caller is empty, never absent. */
export type ResolveText = (call: Pick<Call, "sessions">) => Uint8Array;

/** Encodes a literal once. */
export const callerTextResolver = (text: CallerText): ResolveText => {
  if (text.kind === "literal") {
    const bytes = utf8(text.text);
    return () => bytes;
  }
  return ({ sessions }) => {
    const session = ownProperty(sessions, text.guard);
    const found = text.kind === "identity" ? session?.identity : ownProperty(session?.attributes, text.name);
    return found ? utf8(found) : EMPTY;
  };
};

/** Names come from a file and from tokens: `constructor` must not be found on an object that lacks it. */
const ownProperty = <T>(of: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
