// Subjects whose texts stand in the configuration itself.
import { ConfigError, type Warning } from "../../config/place.ts";
import type { Catalog, Services } from "../catalog.ts";
import type { InlineCatalogConfig, InlineSubject } from "./config.ts";
import { type ProtoOrigin, readProto } from "./imports.ts";
import { ProtoFault } from "./proto-text.ts";

export interface CatalogTexts {
  readonly subjects: InlineCatalogConfig["subjects"];
  warn(warning: Warning): void;
}

/** A catalog of texts. One may import another by the name of its subject. */
export const inlineCatalog = ({ subjects, warn }: CatalogTexts): Catalog => {
  const parsed = new Map<string, Services>();
  return {
    subjects: [...subjects.keys()],
    services(name, version) {
      const subject = subjects.get(name);
      if (!subject || subject.version !== version) return undefined;
      const known = parsed.get(name);
      if (known) return known;
      const services = read(name, subject, { subjects, warn });
      parsed.set(name, services);
      return services;
    },
  };
};

const read = (name: string, subject: InlineSubject, { subjects, warn }: CatalogTexts): Services => {
  const origin: ProtoOrigin = {
    place: () => subject.place,
    imported(path) {
      const other = subjects.get(path) ?? subjects.get(path.replace(/\.proto$/, ""));
      return other && { file: path, text: other.schema };
    },
  };
  try {
    const { proto, warnings } = readProto(subject.schema, origin);
    for (const { place, message } of warnings) warn({ place, message: `the text of '${name}': ${message}` });
    return proto.services;
  } catch (reason) {
    if (!(reason instanceof ProtoFault)) throw reason;
    const { line, column } = reason.position;
    throw new ConfigError(subject.place, `the text of '${name}', line ${line}, column ${column}: ${reason.message}`);
  }
};
