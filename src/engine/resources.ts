// Catalogs and vaults at work: opened when a binding first asks for one, shared by all that ask for the same.
import type { BindingNode, CatalogNode, VaultNode } from "../config/node.ts";
import { type Warning, warningText } from "../config/place.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { openCatalog, openFiles } from "../resources/catalog/open.ts";
import type { Catalog } from "../resources/catalog.ts";
import { openVault } from "../resources/vault/filesystem.ts";
import type { Vault } from "../resources/vault.ts";

export class Resources {
  readonly #warn: (warning: Warning) => void;
  readonly #parts: { readonly log: Log; readonly clock: Clock };
  readonly #catalogs = new Map<CatalogNode, Catalog>();
  readonly #vaults = new Map<VaultNode, Vault>();

  constructor(log: Log, clock: Clock) {
    this.#parts = { log, clock };
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

  /** The vault that a binding refers to. Its files are read when it is first asked. */
  vault(node: BindingNode, reference: string): Vault {
    if (node.vault === undefined || node.vault.text !== reference) throw new Error(`${node.qualified} names no vault '${reference}'`);
    const { target } = node.vault;
    const known = this.#vaults.get(target) ?? openVault(target, this.#parts);
    this.#vaults.set(target, known);
    return known;
  }
}
