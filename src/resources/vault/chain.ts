// Which certificates belong to a key, leaf first.
import type { KeyObject, X509Certificate } from "node:crypto";

/** The first certificate of the key and those that issued it, as far as they are there; empty when none is the key's. */
export const chainFor = (key: KeyObject, certificates: readonly X509Certificate[]): readonly X509Certificate[] => {
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  const chain: X509Certificate[] = [];
  for (let next = leaf; next !== undefined && !chain.includes(next); next = issuerOf(next, certificates)) chain.push(next);
  return chain;
};

const issuerOf = (certificate: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate | undefined =>
  certificate.subject === certificate.issuer ? undefined : certificates.find((other) => certificate.checkIssued(other));
