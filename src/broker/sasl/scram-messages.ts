// The client's messages of SCRAM (RFC 5802 §7), taken apart. Channel binding is not offered; extensions are passed over.
import { fromBase64, text } from "../../core/bytes.ts";

/** Commas and equals signs in a name are written as =2C and =3D. */
const NAME = "(?:[^=,\\0]|=2C|=3D)+";
const NONCE = "[\\x21-\\x2b\\x2d-\\x7e]+";
const EXTENSIONS = "(?:,[A-Za-z]+=[^,]*)*";
const BASE64 = "[A-Za-z0-9/+]*={0,2}";

const FIRST = new RegExp(
  `^(?<header>[ny],(?:a=(?<authorization>${NAME}))?,)(?<bare>n=(?<user>${NAME}),r=(?<nonce>${NONCE})(?<extensions>${EXTENSIONS}))$`,
);
const FINAL = new RegExp(`^(?<bare>c=(?<binding>${BASE64}),r=(?<nonce>${NONCE})${EXTENSIONS}),p=(?<proof>${BASE64})$`);
const TOKEN_AUTHENTICATION = /,tokenauth=true(?:,|$)/i;

export interface ClientFirst {
  /** With its commas: what the final message repeats. */
  readonly header: string;
  readonly bare: string;
  readonly user: string;
  readonly authorization: string;
  readonly nonce: string;
  /** By a delegation token instead of a password. */
  readonly byToken: boolean;
}

export interface ClientFinal {
  readonly bare: string;
  readonly header: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

const named = (pattern: RegExp, message: Uint8Array): Readonly<Record<string, string | undefined>> | undefined =>
  pattern.exec(text(message))?.groups;

/** Undefined when it is none. */
export const parseClientFirst = (message: Uint8Array): ClientFirst | undefined => {
  const { header = "", bare, user = "", authorization = "", nonce = "", extensions = "" } = named(FIRST, message) ?? {};
  if (bare === undefined) return undefined;
  const byToken = TOKEN_AUTHENTICATION.test(extensions);
  return { header, bare, user: unescaped(user), authorization: unescaped(authorization), nonce, byToken };
};

/** Undefined when it is none. */
export const parseClientFinal = (message: Uint8Array): ClientFinal | undefined => {
  const { bare = "", binding = "", nonce = "", proof } = named(FINAL, message) ?? {};
  const [header, proven] = [fromBase64(binding), fromBase64(proof ?? "")];
  if (proof === undefined || !header || !proven) return undefined;
  return { bare, header: text(header), nonce, proof: proven };
};

const unescaped = (name: string): string => name.replaceAll("=2C", ",").replaceAll("=3D", "=");
