// SASL PLAIN (RFC 4616): one message with the name and the password.
import { createHash, timingSafeEqual } from "node:crypto";
import { EMPTY, text } from "../../core/bytes.ts";
import { type Exchange, refused, type Step } from "./exchange.ts";

/** By user. */
export type Passwords = ReadonlyMap<string, string>;

const failed = (what: string): Step => refused(what, `Authentication failed: ${what}`);

const accept = (message: Uint8Array, passwords: Passwords): Step => {
  const parts = text(message).split("\0");
  if (parts.length !== 3) {
    return refused(`a message of ${parts.length} parts`, `Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`);
  }
  const [authorization = "", user = "", password = ""] = parts;
  if (user === "") return failed("username not specified");
  if (password === "") return failed("password not specified");
  if (!isSame(password, passwords.get(user))) return failed("Invalid username or password");
  if (authorization !== "" && authorization !== user) return failed("Client requested an authorization id that is different from username");
  return { kind: "accepted", user, bytes: EMPTY };
};

const digest = (value: string): Uint8Array => createHash("sha256").update(value).digest();
/** In the same time whatever the password is, and whether there is such a user. */
const isSame = (password: string, expected: string | undefined): boolean =>
  timingSafeEqual(digest(password), digest(expected ?? "")) && expected !== undefined;

export const plainExchange = (passwords: Passwords): Exchange => ({
  mechanism: "PLAIN",
  next: (message) => accept(message, passwords),
});
