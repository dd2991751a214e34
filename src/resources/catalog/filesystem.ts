// Subjects that are files: protos with what they import, or descriptor sets. Read again when one of the files has changed.
import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ConfigError, type Place, type Warning } from "../../config/place.ts";
import type { Catalog, Services } from "../catalog.ts";
import type { FileSubject, FilesystemCatalogConfig } from "./config.ts";
import { isDescriptorSet, servicesOfSet } from "./descriptor-set.ts";
import { type ImportedText, type ProtoOrigin, readProto } from "./imports.ts";
import { ProtoFault } from "./proto-text.ts";

interface Loaded {
  readonly services: Services;
  /** What they were read from, with what tells whether a file has changed. */
  readonly stamps: ReadonlyMap<string, string>;
}

export interface CatalogFiles {
  readonly subjects: FilesystemCatalogConfig["subjects"];
  /** The folder of the configuration, where the search for imports ends. */
  readonly directory: string;
  warn(warning: Warning): void;
}

/** A catalog of files. */
export const filesystemCatalog = (files: CatalogFiles): Catalog => {
  const loaded = new Map<string, Loaded>();
  return {
    subjects: [...files.subjects.keys()],
    services(name) {
      const subject = files.subjects.get(name);
      if (!subject) return undefined;
      const known = loaded.get(name);
      if (known && isCurrent(known)) return known.services;
      const fresh = load(subject, files);
      loaded.set(name, fresh);
      return fresh.services;
    },
  };
};

const isCurrent = ({ stamps }: Loaded): boolean => {
  for (const [file, stamp] of stamps) if (stampOf(file) !== stamp) return false;
  return true;
};

const stampOf = (file: string): string => {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : "";
};

const load = ({ path, written, place }: FileSubject, files: CatalogFiles): Loaded => {
  const reading = new Reading(path, files.directory);
  let bytes: Uint8Array;
  try {
    bytes = reading.read(path);
  } catch (reason) {
    throw new ConfigError(place, `'${written}' cannot be read: ${reasonOf(reason)}`);
  }
  try {
    return { services: servicesOf({ path, written, bytes }, reading, files), stamps: reading.stamps };
  } catch (reason) {
    if (reason instanceof ProtoFault) throw new ConfigError({ file: written, ...reason.position }, reason.message);
    throw reason;
  }
};

const servicesOf = (
  file: { readonly path: string; readonly written: string; readonly bytes: Uint8Array },
  reading: Reading,
  files: CatalogFiles,
): Services => {
  const { written, bytes } = file;
  if (isDescriptorSet(written, bytes)) return descriptors(written, bytes, files.warn);
  const { proto, warnings } = readProto(textOf(bytes), originOf(written, reading));
  for (const warning of warnings) files.warn(warning);
  return proto.services;
};

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const descriptors = (written: string, bytes: Uint8Array, warn: CatalogFiles["warn"]): Services => {
  const place: Place = { file: written, line: 1, column: 1 };
  try {
    const services = servicesOfSet(bytes);
    if (services.size === 0) warn({ place, message: "no service is described here, so no method is known from it" });
    return services;
  } catch (reason) {
    throw new ConfigError(place, `this is no descriptor set: ${reasonOf(reason)}`);
  }
};

const originOf = (written: string, reading: Reading): ProtoOrigin => ({
  place: ({ line, column }) => ({ file: written, line, column }),
  imported: (path, from) => reading.imported(path, from),
});

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "not permitted",
};
const reasonOf = (reason: unknown): string => {
  if (!(reason instanceof Error)) return String(reason);
  return ("code" in reason && typeof reason.code === "string" && REASONS[reason.code]) || reason.message;
};

/** The files that one subject is read from. */
class Reading {
  readonly stamps = new Map<string, string>();
  readonly #first: string;
  readonly #directory: string;

  constructor(first: string, directory: string) {
    this.#first = first;
    this.#directory = directory;
  }

  read(file: string): Uint8Array {
    this.stamps.set(file, stampOf(file)); // Before it is read: a change meanwhile is seen the next time.
    return readFileSync(file);
  }

  /** Looked for beside the importing file, then in the folders above it up to the configuration's. */
  imported(path: string, from: string | undefined): ImportedText | undefined {
    const file = this.#candidates(path, from ?? this.#first).find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
    return file === undefined ? undefined : { file, text: textOf(this.read(file)) };
  }

  #candidates(path: string, from: string): readonly string[] {
    const candidates: string[] = [];
    let folder = dirname(from);
    while (isBelow(folder, this.#directory)) {
      candidates.push(resolve(folder, path));
      folder = dirname(folder);
    }
    if (candidates.length === 0) candidates.push(resolve(dirname(from), path));
    return [...candidates, resolve(this.#directory, path)];
  }
}

const isBelow = (folder: string, top: string): boolean =>
  folder !== top && !relative(top, folder).startsWith("..") && dirname(folder) !== folder;
