// From a catalog of the configuration to what a binding asks.
import { resolve } from "node:path";
import type { BindingNode, CatalogNode } from "../../config/node.ts";
import { ConfigError, type Warning } from "../../config/place.ts";
import type { Catalog } from "../catalog.ts";
import { type FileSubject, filesystem, inline } from "./config.ts";
import { filesystemCatalog } from "./filesystem.ts";
import { inlineCatalog } from "./inline.ts";

/** Nothing is read before it is asked. `warn` hears what is doubtful about a proto, then. */
export const openCatalog = (node: CatalogNode, warn: (warning: Warning) => void): Catalog => {
  if (node.type === "filesystem") return filesystemCatalog({ ...filesystem.parse(node), directory: node.directory, warn });
  if (node.type === "inline") return inlineCatalog({ ...inline.parse(node), warn });
  return {
    subjects: [],
    services() {
      throw new ConfigError(node.place("type"), `a ${node.type} catalog cannot be asked for services; 'filesystem' and 'inline' can`);
    },
  };
};

/** The catalog that a binding's own `options.services` are: each file under its path as it is written there. */
export const openFiles = (node: BindingNode, warn: (warning: Warning) => void): Catalog => {
  const items = node.at("options", "services").items();
  const subjects = items.map((item): readonly [string, FileSubject] => {
    const written = item.string() ?? "";
    return [written, { path: resolve(node.directory, written), written, place: item.place }];
  });
  return filesystemCatalog({ subjects: new Map(subjects), directory: node.directory, warn });
};
