// Catalogs and vaults at work: opened when a binding first asks for one, shared by all that ask for the same.
import type { BindingNode, CatalogNode } from "../config/node.ts";
import { type Warning, warningText } from "../config/place.ts";
import type { Log } from "../core/log.ts";
import { openCatalog, openFiles } from "../resources/catalog/open.ts";
import type { Catalog } from "../resources/catalog.ts";
import type { Vault } from "../resources/vault.ts";

export class Resources {
  readonly #warn: (warning: Warning) => void;
  readonly #catalogs = new Map<CatalogNode, Catalog>();

  constructor(log: Log) {
    this.#warn = (warning) => log.warn(warningText(warning));
  }

  /** The catalog that a binding refers to; "" are the files that it names itself. */
  catalog(node: BindingNode, reference: string): Catalog {
    if (reference === "") return openFiles(node, this.#warn);
    const used = node.catalogs.find(({ catalog }) => catalog.text === reference);
    if (!used) throw new Error(`${node.qualified} names no catalog '${reference}'`);
    const target = used.catalog.target;
    const known = this.#catalogs.get(target) ?? openCatalog(target, this.#warn);
    this.#catalogs.set(target, known);
    return known;
  }

  vault(node: BindingNode, reference: string): Vault {
    throw new Error(`${node.qualified} names no vault '${reference}'`);
  }
}
