// Throw-away certificates by openssl: an authority, a server for localhost, a client, and a stranger whose authority nobody trusts.
// They are made for each run and never kept.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrFail } from "../kit/processes.ts";

/** Paths of PEM files. A `keystore` holds private key and certificate in one file, as Kafka wants them. */
export interface Certificates {
  readonly directory: string;
  readonly authority: string;
  readonly server: Pair;
  readonly client: Pair;
  /** Issued by an authority that is not `authority`. */
  readonly stranger: Pair;
}

export interface Pair {
  readonly key: string;
  readonly certificate: string;
  readonly keystore: string;
}

const VALID_DAYS = "30";
const SERVER = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n";
const CLIENT = "extendedKeyUsage=clientAuth\n";

const openssl = async (directory: string, args: readonly string[]): Promise<void> => {
  await runOrFail("openssl", { args, directory });
};

/** PKCS#8 on a curve that both Java and OpenSSL take. */
const makeKey = (directory: string, name: string): Promise<void> =>
  openssl(directory, ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.key`]);

const makeAuthority = async (directory: string, name: string): Promise<void> => {
  await makeKey(directory, name);
  const extensions = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  const args = ["req", "-x509", "-new", "-key", `${name}.key`, "-sha256", "-days", VALID_DAYS, "-subj", `/CN=${name}`, ...extensions];
  await openssl(directory, [...args, "-out", `${name}.pem`]);
};

interface Leaf {
  readonly name: string;
  readonly commonName: string;
  readonly extensions: string;
  readonly authority: string;
}

const makeLeaf = async (directory: string, leaf: Leaf): Promise<Pair> => {
  const { name, commonName, extensions, authority } = leaf;
  const at = (ending: string): string => join(directory, `${name}${ending}`);
  await makeKey(directory, name);
  writeFileSync(at(".ext"), extensions);
  await openssl(directory, ["req", "-new", "-key", `${name}.key`, "-subj", `/CN=${commonName}`, "-out", `${name}.csr`]);
  const issuer = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`, "-CAcreateserial"];
  const args = ["x509", "-req", "-in", `${name}.csr`, ...issuer, "-days", VALID_DAYS, "-sha256", "-extfile", `${name}.ext`];
  await openssl(directory, [...args, "-out", `${name}.pem`]);
  writeFileSync(at("-keystore.pem"), readFileSync(at(".key"), "utf8") + readFileSync(at(".pem"), "utf8"));
  return { key: at(".key"), certificate: at(".pem"), keystore: at("-keystore.pem") };
};

/** Makes all of them in `directory`, in about a quarter of a second. */
export const makeCertificates = async (directory: string): Promise<Certificates> => {
  mkdirSync(directory, { recursive: true });
  await Promise.all([makeAuthority(directory, "authority"), makeAuthority(directory, "other-authority")]);
  const server = await makeLeaf(directory, { name: "server", commonName: "localhost", extensions: SERVER, authority: "authority" });
  const client = await makeLeaf(directory, { name: "client", commonName: "client", extensions: CLIENT, authority: "authority" });
  const stranger = await makeLeaf(directory, {
    name: "stranger",
    commonName: "stranger",
    extensions: CLIENT,
    authority: "other-authority",
  });
  return { directory, authority: join(directory, "authority.pem"), server, client, stranger };
};
