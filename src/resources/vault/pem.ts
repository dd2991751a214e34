// PEM files: keys and certificates as text, in one file or beside each other (`tls.key` next to `tls.crt`).
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { VaultCertificate, VaultKey } from "../vault.ts";
import { chainFor } from "./chain.ts";
import { PasswordError, type StoreContent } from "./pkcs12.ts";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Everything of files that belong together, under one alias; several keys are told apart by a number behind it. */
export const readPem = (texts: readonly string[], alias: string, password: string | undefined): StoreContent => {
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  for (const text of texts) {
    for (const [block, label = ""] of text.matchAll(BLOCK)) {
      if (label.endsWith("PRIVATE KEY")) keys.push(keyOf(block, password));
      else if (label === "CERTIFICATE" || label === "X509 CERTIFICATE") certificates.push(new X509Certificate(block));
    }
  }
  const chained = new Set<X509Certificate>();
  const read = keys.map((key, index): VaultKey => {
    const chain = chainFor(key, certificates);
    for (const certificate of chain) chained.add(certificate);
    return {
      alias: index === 0 ? alias : `${alias}-${index + 1}`,
      keyPem: key.export({ format: "pem", type: "pkcs8" }).toString(),
      chainPem: chain.map(String).join(""),
    };
  });
  const trusted = keys.length === 0 ? certificates : certificates.filter((certificate) => !chained.has(certificate));
  return { keys: read, certificates: trusted.map((certificate): VaultCertificate => ({ alias, certificatePem: String(certificate) })) };
};

const keyOf = (block: string, password: string | undefined): KeyObject => {
  try {
    return createPrivateKey({ key: block, ...(password !== undefined && { passphrase: password }) });
  } catch (reason) {
    if (/ENCRYPTED/.test(block)) throw new PasswordError();
    throw reason;
  }
};
