// Keys and certificates for tests, made by the tools that people make theirs with.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder that is removed after the tests of the file. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const openssl = (folder: string, ...args: readonly string[]): void => {
  execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
};

export const keytool = (folder: string, ...args: readonly string[]): void => {
  execFileSync("keytool", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
};

/** `<name>.key` and `<name>.crt`: an authority. */
export const makeAuthority = (folder: string, name: string): void => {
  openssl(
    folder,
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "30",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
    "-addext",
    "basicConstraints=critical,CA:TRUE",
  );
};

export interface Certified {
  readonly authority: string;
  /** `DNS:localhost,IP:127.0.0.1` */
  readonly names: string;
  /** RSA takes a while longer to make. */
  readonly rsa?: boolean;
}

/** `<name>.key` and `<name>.crt`: a certificate that the authority has signed. */
export const makeCertificate = (folder: string, name: string, { authority, names, rsa = false }: Certified): void => {
  const kind = rsa ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  openssl(folder, "req", "-newkey", ...kind, "-nodes", "-subj", `/O=Test/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
  writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
  openssl(
    folder,
    "x509",
    "-req",
    "-days",
    "30",
    "-in",
    `${name}.csr`,
    "-CA",
    `${authority}.crt`,
    "-CAkey",
    `${authority}.key`,
    "-CAcreateserial",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.crt`,
  );
};
