// A proto with all that it imports. What an import lacks is a warning and no mistake: which methods there are does not depend on it.
import type { Place, Warning } from "../../config/place.ts";
import { type Import, Proto } from "./proto.ts";
import { ProtoFault } from "./proto-text.ts";

export interface ImportedText {
  /** How messages call it, and what its own imports are looked for from. */
  readonly file: string;
  readonly text: string;
}

export interface ProtoOrigin {
  /** The place in the user's files of a position in the text. */
  place(position: { readonly line: number; readonly column: number }): Place;
  /** An imported text; undefined where there is none. `from`: the file that imports it, undefined for the first. */
  imported(path: string, from: string | undefined): ImportedText | undefined;
}

/** How many texts may belong to one proto. */
export const IMPORTS_MAX = 1000;

export interface ReadProto {
  readonly proto: Proto;
  readonly warnings: readonly Warning[];
}

/** Throws ProtoFault where the text itself is at fault. */
export const readProto = (text: string, origin: ProtoOrigin): ReadProto => {
  const proto = new Proto(text);
  const warnings: Warning[] = [];
  const warn = (at: { readonly line: number; readonly column: number }, message: string): void => {
    warnings.push({ place: origin.place(at), message });
  };
  const following = new Following(proto, origin);
  for (const each of proto.imports) for (const lack of following.follow(each)) warn(each, lack);
  if (warnings.length === 0) {
    for (const unknown of proto.unknownTypes())
      warn(unknown, `'${unknown.type}' of the method ${unknown.method} is defined neither here nor in an import`);
  }
  if (proto.services.size === 0) warn({ line: 1, column: 1 }, "no service is defined here, so no method is known from it");
  return { proto, warnings };
};

/** Walks the imports, each text once. */
class Following {
  readonly #proto: Proto;
  readonly #origin: ProtoOrigin;
  /** Paths as they are written, and the files that they led to: one file may have several paths. */
  readonly #seen = new Set<string>();
  readonly #files = new Set<string>();

  constructor(proto: Proto, origin: ProtoOrigin) {
    this.#proto = proto;
    this.#origin = origin;
  }

  /** What could not be had of an import of the first text, and below it. */
  follow({ path }: Import): readonly string[] {
    const lacks: string[] = [];
    const open: { readonly path: string; readonly from: string | undefined }[] = [{ path, from: undefined }];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (this.#seen.has(next.path) || this.#seen.size >= IMPORTS_MAX || this.#proto.addWellKnown(next.path)) continue;
      this.#seen.add(next.path);
      const found = this.#origin.imported(next.path, next.from);
      const by = next.from === undefined ? "" : `, which ${next.from} imports,`;
      if (!found) lacks.push(`'${next.path}'${by} is not found; only its types are unknown by that`);
      else open.push(...this.#add(found, lacks));
    }
    return lacks;
  }

  #add({ file, text }: ImportedText, lacks: string[]): readonly { readonly path: string; readonly from: string }[] {
    if (this.#files.has(file)) return [];
    this.#files.add(file);
    try {
      return this.#proto.addImported(text).map((path) => ({ path, from: file }));
    } catch (reason) {
      if (!(reason instanceof ProtoFault)) throw reason;
      lacks.push(`the import ${file}:${reason.position.line}:${reason.position.column} is wrong: ${reason.message}`);
      return [];
    }
  }
}
