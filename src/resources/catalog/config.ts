// Catalogs: where protos and schemas come from. The fragments of the types, and of the uses of a catalog by a binding.
import { resolve } from "node:path";
import type { EntityNode, Value } from "../../config/node.ts";
import { type EntityPart, entitySchema, KEY_NAMES, VAULT } from "../../config/part.ts";
import type { Place } from "../../config/place.ts";
import { flag, integer, list, mapOf, object, oneOf, type Schema, text } from "../../config/schema.ts";

/** A subject of a filesystem catalog. */
export interface FileSubject {
  /** Absolute. */
  readonly path: string;
  /** As the file spells it, for messages. */
  readonly written: string;
  readonly place: Place;
}

export interface FilesystemCatalogConfig {
  readonly type: "filesystem";
  readonly subjects: ReadonlyMap<string, FileSubject>;
}

/** A subject of an inline catalog. */
export interface InlineSubject {
  readonly version: string;
  readonly schema: string;
  /** Of the text. */
  readonly place: Place;
}

export interface InlineCatalogConfig {
  readonly type: "inline";
  readonly subjects: ReadonlyMap<string, InlineSubject>;
}

/** A schema registry that is asked over HTTP. */
export interface RegistryConfig {
  readonly type: "schema-registry" | "apicurio-registry";
  readonly url: string;
  readonly maxAgeSeconds: number;
  readonly authorization?: string;
  readonly place: Place;
}

export type CatalogConfig = FilesystemCatalogConfig | InlineCatalogConfig | RegistryConfig;

/** The file of a path in the configuration: relative paths start from the folder of the file that names them. */
export const fileOf = (node: EntityNode, written: string): string => resolve(node.directory, written);

const parseFilesystem = (node: EntityNode): FilesystemCatalogConfig => ({
  type: "filesystem",
  subjects: new Map(
    node
      .at("options", "subjects")
      .entries()
      .map(([name, subject]) => {
        const written = subject.at("path").string() ?? "";
        return [name, { path: fileOf(node, written), written, place: subject.at("path").place }];
      }),
  ),
});

export const filesystem: EntityPart<FilesystemCatalogConfig> = {
  type: "filesystem",
  schema: entitySchema(
    "filesystem",
    {
      options: object(
        "Which files",
        {
          subjects: mapOf(
            "Files by the name that they are asked by",
            object("A file", { path: text("Relative to this configuration; a proto or a descriptor set") }, { required: ["path"] }),
          ),
        },
        { required: ["subjects"] },
      ),
    },
    { description: "Reads files", required: ["type", "options"] },
  ),
  parse: parseFilesystem,
};

export const inline: EntityPart<InlineCatalogConfig> = {
  type: "inline",
  schema: entitySchema(
    "inline",
    {
      options: object(
        "Which texts",
        {
          subjects: mapOf(
            "Texts by the name that they are asked by",
            object(
              "A text",
              { version: text("The version it is asked by", { default: "latest" }), schema: text("The text") },
              { required: ["schema"] },
            ),
          ),
        },
        { required: ["subjects"] },
      ),
    },
    { description: "Holds texts", required: ["type", "options"] },
  ),
  parse: (node) => ({
    type: "inline",
    subjects: new Map(
      node
        .at("options", "subjects")
        .entries()
        .map(([name, subject]) => [
          name,
          {
            version: subject.at("version").string() ?? "latest",
            schema: subject.at("schema").string() ?? "",
            place: subject.at("schema").place,
          },
        ]),
    ),
  }),
};

const MAX_AGE = integer("Seconds for which an answer is kept", { minimum: 0, default: 300 });
const URL: Schema = text("Its address", { pattern: "^https?://", wanted: "an address such as 'http://host:8081'" });

const REGISTRY_KEYS = {
  url: URL,
  context: text("The context of its subjects"),
  "max-age": MAX_AGE,
  tls: object("How TLS is spoken with it", {
    keys: KEY_NAMES("Keys, by alias in the vault"),
    trust: KEY_NAMES("Authorities, by alias in the vault"),
    trustcacerts: flag("Whether the system's authorities are trusted too"),
  }),
  credentials: object("What it is shown", {
    headers: object("In headers", { authorization: text("Sent as it stands here") }),
  }),
};

const APICURIO_KEYS = {
  url: URL,
  "group-id": text("The group of its artifacts", { default: "default" }),
  "use-id": oneOf("Which id values carry", ["globalId", "contentId"], { default: "globalId" }),
  "id-encoding": oneOf("How long the id is", ["default", "legacy"], { default: "default" }),
  "max-age": MAX_AGE,
};

const registry = (type: string, kind: RegistryConfig["type"], keys: Readonly<Record<string, Schema>>): EntityPart<RegistryConfig> => ({
  type,
  schema: entitySchema(
    type,
    {
      ...(kind === "schema-registry" ? { vault: VAULT } : {}),
      options: object("Where it is", keys, { required: ["url"] }),
    },
    { description: "Asks a schema registry", required: ["type", "options"] },
  ),
  parse: (node) => {
    const options = node.at("options");
    const authorization = options.at("credentials", "headers", "authorization").string();
    return {
      type: kind,
      url: options.at("url").string() ?? "",
      maxAgeSeconds: options.at("max-age").number() ?? 300,
      ...(authorization === undefined ? {} : { authorization }),
      place: options.at("url").place,
    };
  },
});

export const registries: readonly EntityPart<RegistryConfig>[] = [
  ...["schema-registry", "confluent-schema-registry", "karapace-schema-registry", "karapace"].map((type) =>
    registry(type, "schema-registry", REGISTRY_KEYS),
  ),
  ...["apicurio-registry", "apicurio"].map((type) => registry(type, "apicurio-registry", APICURIO_KEYS)),
];

/** `catalog` of a binding: one catalog, and which of its subjects. */
export const CATALOG_USE: Schema = mapOf(
  "The catalog, and which of its subjects",
  list(
    "Subjects",
    object("A subject", {
      subject: text("Its name in the catalog"),
      version: text("Which version of it", { default: "latest" }),
      id: integer("The id of a schema"),
      strategy: oneOf("How the subject is found", ["topic"]),
    }),
  ),
  { minProperties: 1, maxProperties: 1 },
);

/** A subject that a binding uses. */
export interface SubjectUse {
  /** As the file spells it, or `FILES`. */
  readonly catalog: string;
  readonly subject: string;
  readonly version: string;
  readonly place: Place;
}

/** Stands for the catalog of files that a binding names itself (`options.services`): its subjects are paths relative to the configuration. */
export const FILES = "";

/** Entries of `catalog` that name a subject, and those of the older `options.services`. */
export const subjectUses = (node: EntityNode & { readonly catalogs: readonly CatalogUseLike[] }): readonly SubjectUse[] => [
  ...node.catalogs.flatMap(({ catalog, schemas }) => schemas.flatMap((schema) => subjectUse(catalog.text, schema))),
  ...node
    .at("options", "services")
    .items()
    .map((item) => ({ catalog: FILES, subject: item.string() ?? "", version: "latest", place: item.place })),
];

interface CatalogUseLike {
  readonly catalog: { readonly text: string };
  readonly schemas: readonly Value[];
}

const subjectUse = (catalog: string, schema: Value): readonly SubjectUse[] => {
  const subject = schema.at("subject").string();
  if (subject === undefined) {
    schema.warn("an entry without 'subject' has no effect here");
    return [];
  }
  return [{ catalog, subject, version: schema.at("version").string() ?? "latest", place: schema.at("subject").place }];
};
