// What is not asked but handed on or kept: a version, then a struct of that version, never flexible. Group members speak so through
// their coordinator, and so are transactions marked in a log.
import { concat } from "../../../core/bytes.ts";
import { Reader, WireError } from "../reader.ts";
import type { Type } from "../type.ts";
import { Writer } from "../writer.ts";

export interface Versioned<T> {
  readonly name: string;
  /** The versions that the shape describes. */
  readonly versions: { readonly min: number; readonly max: number };
  readonly type: Type<T>;
}

export const encodeVersioned = <T>({ type }: Versioned<T>, value: T, version: number): Uint8Array => {
  const to = new Writer("classic").int16(version);
  type.write(to, value, version);
  return concat(to.pieces());
};

/** A newer version is read as the newest known one, since each only adds to what was before. Throws a WireError. */
export const decodeVersioned = <T>({ name, versions, type }: Versioned<T>, bytes: Uint8Array): T => {
  const from = new Reader(bytes, "classic");
  const version = from.int16();
  if (version < versions.min) throw new WireError(`version ${version} of ${name} is not known`);
  return type.read(from, Math.min(version, versions.max));
};
