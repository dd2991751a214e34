// PKCS#12 files (RFC 7292) as Java's keytool and OpenSSL write them: keys with their chains, and certificates that are trusted.
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { VaultCertificate, VaultKey } from "../vault.ts";
import { chainFor } from "./chain.ts";
import { bmpString, DerError, type DerValue, decodeDer, expect, inside, objectIdentifier, octets, Tag } from "./der.ts";
import { authentic, decrypt } from "./pbe.ts";

export interface StoreContent {
  readonly keys: readonly VaultKey[];
  readonly certificates: readonly VaultCertificate[];
}

/** The password is wrong; or, without a checksum in the file to tell, the bytes are. */
export class PasswordError extends Error {
  constructor() {
    super("the password is wrong, or the file is damaged");
    this.name = "PasswordError";
  }
}

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const KEY_BAG = "1.2.840.113549.1.12.10.1.1";
const SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
const CERTIFICATE_BAG = "1.2.840.113549.1.12.10.1.3";
const SAFE_CONTENTS_BAG = "1.2.840.113549.1.12.10.1.6";
const X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
const FRIENDLY_NAME = "1.2.840.113549.1.9.20";
const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
/** Java's mark of a certificate that was imported to be trusted. */
const TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1";

interface Bag {
  readonly alias: string | undefined;
  /** Which key and certificate belong together, in hexadecimal. */
  readonly keyId: string | undefined;
  readonly trusted: boolean;
}
interface KeyBag extends Bag {
  readonly pkcs8: Uint8Array;
}
interface CertificateBag extends Bag {
  readonly certificate: X509Certificate;
}
interface Bags {
  readonly keys: KeyBag[];
  readonly certificates: CertificateBag[];
}

/** Throws a DerError when the bytes are no PKCS#12, a PasswordError when the password does not fit. */
export const readPkcs12 = (bytes: Uint8Array, password: string): StoreContent => {
  const [, authenticated, macData] = inside(expect(decodeDer(bytes), Tag.SEQUENCE));
  const content = dataOf(expect(authenticated, Tag.SEQUENCE), password);
  if (macData !== undefined && !authentic(macData, content, password)) throw new PasswordError();
  const bags: Bags = { keys: [], certificates: [] };
  for (const part of inside(expect(decodeDer(content), Tag.SEQUENCE))) readBags(decodeDer(dataOf(part, password)), password, bags);
  return contentOf(bags);
};

/** The content of a ContentInfo, decrypted where it is encrypted. */
const dataOf = (contentInfo: DerValue, password: string): Uint8Array => {
  const [type, content] = inside(contentInfo);
  const [value] = inside(expect(content, Tag.CONTEXT_0));
  const name = objectIdentifier(type);
  if (name === DATA) return octets(value);
  if (name !== ENCRYPTED_DATA) throw new DerError(`content of the type ${name} is not read here`);
  const [, algorithm, encrypted] = inside(expect(inside(expect(value, Tag.SEQUENCE))[1], Tag.SEQUENCE));
  const plain = decrypt(expect(algorithm, Tag.SEQUENCE), octets(encrypted), password);
  if (plain === undefined) throw new PasswordError();
  return plain;
};

const readBags = (safeContents: DerValue, password: string, bags: Bags): void => {
  for (const bag of inside(expect(safeContents, Tag.SEQUENCE))) {
    const [type, tagged, attributes] = inside(expect(bag, Tag.SEQUENCE));
    const [value] = inside(expect(tagged, Tag.CONTEXT_0));
    const name = objectIdentifier(type);
    const known = attributesOf(attributes);
    if (name === SAFE_CONTENTS_BAG) readBags(expect(value, Tag.SEQUENCE), password, bags);
    else if (name === KEY_BAG) bags.keys.push({ ...known, pkcs8: expect(value, Tag.SEQUENCE).whole });
    else if (name === SHROUDED_KEY_BAG) bags.keys.push({ ...known, pkcs8: unshroud(expect(value, Tag.SEQUENCE), password) });
    else if (name === CERTIFICATE_BAG) {
      const [kind, certificate] = inside(expect(value, Tag.SEQUENCE));
      if (objectIdentifier(kind) !== X509_CERTIFICATE) continue; // SDSI: nobody has it.
      bags.certificates.push({ ...known, certificate: new X509Certificate(octets(inside(expect(certificate, Tag.CONTEXT_0))[0])) });
    } // Revocation lists and secrets are nothing that is asked for.
  }
};

const unshroud = (value: DerValue, password: string): Uint8Array => {
  const [algorithm, encrypted] = inside(value);
  const plain = decrypt(expect(algorithm, Tag.SEQUENCE), octets(encrypted), password);
  if (plain === undefined) throw new PasswordError();
  return plain;
};

const attributesOf = (attributes: DerValue | undefined): Bag => {
  let alias: string | undefined;
  let keyId: string | undefined;
  let trusted = false;
  for (const attribute of attributes ? inside(attributes) : []) {
    const [type, values] = inside(attribute);
    const [value] = values ? inside(values) : [];
    const name = objectIdentifier(type);
    if (name === FRIENDLY_NAME) alias = bmpString(value);
    else if (name === LOCAL_KEY_ID) keyId = Buffer.from(octets(value)).toString("hex");
    else if (name === TRUSTED_KEY_USAGE) trusted = true;
  }
  return { alias, keyId, trusted };
};

/** Certificates that belong to no key count as trusted as well: OpenSSL cannot write Java's mark. */
const contentOf = ({ keys, certificates }: Bags): StoreContent => {
  let unnamed = 0;
  const aliasOf = ({ alias }: Bag): string => {
    if (alias === undefined) unnamed += 1;
    return alias ?? String(unnamed); // As Java counts them.
  };
  const chained = new Set<X509Certificate>();
  const others = certificates.map(({ certificate }) => certificate);
  const read = keys.map((bag) => {
    const key = createPrivateKey({ key: Buffer.from(bag.pkcs8), format: "der", type: "pkcs8" });
    const own = bag.keyId === undefined ? undefined : certificates.find(({ keyId }) => keyId === bag.keyId)?.certificate;
    const chain = chainFor(key, own ? [own, ...others] : others);
    for (const certificate of chain) chained.add(certificate);
    const keyPem = key.export({ format: "pem", type: "pkcs8" }).toString();
    return { alias: aliasOf(bag), keyPem, chainPem: chain.map(String).join("") };
  });
  const trusted = certificates.filter(({ certificate, trusted }) => trusted || !chained.has(certificate));
  return { keys: read, certificates: trusted.map((bag) => ({ alias: aliasOf(bag), certificatePem: String(bag.certificate) })) };
};
