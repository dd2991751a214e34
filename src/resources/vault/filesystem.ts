// The vault of files: key stores read when they are first asked for and again after they have changed.
import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { hint } from "../../config/nearest.ts";
import type { VaultNode } from "../../config/node.ts";
import { ConfigError } from "../../config/place.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { StoreName, Vault, VaultCertificate, VaultKey } from "../vault.ts";
import { type FilesystemVaultConfig, filesystem, type StoreConfig } from "./config.ts";
import { readPem } from "./pem.ts";
import { PasswordError, readPkcs12, type StoreContent } from "./pkcs12.ts";

/** How old what is known of the files may be. */
const RECHECK_MS = 1_000;
/** A larger file is no key store. */
const FILE_BYTES_MAX = 16 * 1_048_576;

export interface VaultParts {
  readonly log: Log;
  readonly clock: Clock;
}

/** Opens no file: the first question does. */
export const openVault = (node: VaultNode, parts: VaultParts): Vault => {
  const config = filesystem.parse(node);
  if (config.revocation === "crl") throw new ConfigError(node.place("options", "revocation"), "revocation lists are not looked at here");
  return filesystemVault(config, parts);
};

export const filesystemVault = (config: FilesystemVaultConfig, parts: VaultParts): Vault => {
  const keys = config.keys && new Store("keys", config.keys, parts);
  const trust = config.trust && new Store("trust", config.trust, parts);
  const signers = config.signers && new Store("signers", config.signers, parts);
  return {
    keys: () => keys?.content().keys ?? NO_KEYS,
    trust: () => trust?.content().certificates ?? NO_CERTIFICATES,
    signers: () => signers?.content().certificates ?? NO_CERTIFICATES,
    file: (store: StoreName) => config[store]?.written,
  };
};

const NO_KEYS: readonly VaultKey[] = [];
const NO_CERTIFICATES: readonly VaultCertificate[] = [];

/** One store: a file, or a folder of PEM files. */
class Store {
  readonly #name: StoreName;
  readonly #config: StoreConfig;
  readonly #parts: VaultParts;
  #content: StoreContent | undefined;
  #signature = "";
  /** Of files that could not be read, so that it is said once. */
  #failed = "";
  #checkedMs = Number.NEGATIVE_INFINITY;

  constructor(name: StoreName, config: StoreConfig, parts: VaultParts) {
    this.#name = name;
    this.#config = config;
    this.#parts = parts;
  }

  /** The same object until the files change. Throws a ConfigError while nothing could be read yet; later, what was known stands. */
  content(): StoreContent {
    const { clock, log } = this.#parts;
    const now = clock.monotonicMs();
    if (this.#content && now - this.#checkedMs < RECHECK_MS) return this.#content;
    this.#checkedMs = now;
    let signature = "";
    try {
      const files = filesOf(this.#name, this.#config);
      signature = files.map(signatureOf).join(" ");
      if (this.#content && signature === this.#signature) return this.#content;
      const content = limited(this.#config, read(this.#config, files));
      if (this.#content) log.info("a key store has changed and was read again", { file: this.#config.written });
      this.#content = content;
      this.#signature = signature;
      return content;
    } catch (reason) {
      const mistake = mistakeOf(this.#config, reason);
      if (this.#content === undefined) throw mistake;
      if (this.#failed !== signature || signature === "")
        log.warn("a key store has changed and cannot be read; the keys of before are kept", {
          file: this.#config.written,
          why: mistake.message,
        });
      this.#failed = signature;
      return this.#content;
    }
  }
}

/** A file that belongs to a store, and the alias of what is in it. */
interface StoreFile {
  readonly path: string;
  readonly alias: string;
}

const PEM_FILE = /\.(pem|crt|cer|key)$/;

/**
 * The file itself; a PEM file with the one of its key beside it where keys are wanted (an authority is trusted, even with its key at
 * hand); the PEM files of a folder.
 */
const filesOf = (name: StoreName, { path, type }: StoreConfig): readonly StoreFile[] => {
  if (type !== "pem") return [{ path, alias: "" }];
  const folder = statSync(path).isDirectory();
  const names = folder ? readdirSync(path).filter((name) => PEM_FILE.test(name)) : [basename(path)];
  const files = names.sort().map((name) => ({ path: join(folder ? path : dirname(path), name), alias: basename(name, extname(name)) }));
  const [file] = files;
  if (name !== "keys" || folder || file === undefined || extname(file.path) === ".key") return files;
  const key = { path: join(dirname(path), `${file.alias}.key`), alias: file.alias };
  return statSync(key.path, { throwIfNoEntry: false }) === undefined ? files : [...files, key];
};

const signatureOf = ({ path }: StoreFile): string => {
  const { mtimeMs, size, ino }: Stats = statSync(path);
  return `${path}:${mtimeMs}:${size}:${ino}`;
};

const read = ({ type, password }: StoreConfig, files: readonly StoreFile[]): StoreContent => {
  if (type !== "pem") return readPkcs12(bytesOf(files[0]!.path), password ?? "");
  const aliases = [...new Set(files.map(({ alias }) => alias))];
  const contents = aliases.map((alias) => {
    const texts = files.filter((file) => file.alias === alias).map(({ path }) => bytesOf(path).toString("latin1"));
    return readPem(texts, alias, password);
  });
  return { keys: contents.flatMap(({ keys }) => keys), certificates: contents.flatMap(({ certificates }) => certificates) };
};

const bytesOf = (path: string): Buffer => {
  if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`the file is larger than ${FILE_BYTES_MAX} bytes`);
  return readFileSync(path);
};

/** Only the aliases that the configuration offers. */
const limited = ({ entries, place, written }: StoreConfig, content: StoreContent): StoreContent => {
  if (entries === undefined) return content;
  const wanted = new Set(entries.map((entry) => entry.toLowerCase()));
  const keys = content.keys.filter(({ alias }) => wanted.has(alias.toLowerCase()));
  const certificates = content.certificates.filter(({ alias }) => wanted.has(alias.toLowerCase()));
  const offered = new Set([...keys, ...certificates].map(({ alias }) => alias.toLowerCase()));
  const aliases = [...content.keys, ...content.certificates].map(({ alias }) => alias);
  for (const entry of entries)
    if (!offered.has(entry.toLowerCase())) throw new ConfigError(place, `'${written}' has no entry '${entry}'${hint(entry, aliases)}`);
  return { keys, certificates };
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
};

const mistakeOf = (config: StoreConfig, reason: unknown): ConfigError => {
  if (reason instanceof ConfigError) return reason;
  const { written, place, password, type } = config;
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "";
  if (REASONS[code] !== undefined) return new ConfigError(place, `cannot read '${written}': ${REASONS[code]}`);
  if (reason instanceof PasswordError)
    return new ConfigError(place, `cannot open '${written}': ${password === undefined ? "it needs a password" : reason.message}`);
  const found = type === "pem" ? "" : foundInstead(config);
  return new ConfigError(place, `'${written}' is not ${type === "pem" ? "PEM" : "PKCS#12"}: ${found || messageOf(reason)}`);
};

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

/** What people put there by mistake. */
const foundInstead = ({ path }: StoreConfig): string => {
  const start = bytesOf(path).subarray(0, 64);
  if (start.toString("latin1").includes("-----BEGIN")) return "it is PEM, so 'type: pem' is needed";
  if (start.subarray(0, 4).toString("hex") === "feedfeed")
    return "it is a JKS key store; 'keytool -importkeystore -deststoretype pkcs12' makes PKCS#12 of it";
  return "";
};
