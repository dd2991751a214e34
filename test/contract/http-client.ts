// What every client's end of HTTP/2 owes the caller of an http service, shown over a real connection to foreign servers (node:http2, and
// frames made by hand).
import { test } from "node:test";
import { failures } from "./http-client-failures.ts";
import { messages } from "./http-client-messages.ts";
import type { ClientClaim, HttpClientSubject } from "./http-subjects.ts";

export const httpClientContract = ({ name, client }: HttpClientSubject): void => {
  const claim: ClientClaim = (what, show) => {
    test(`${name}: ${what}`, { timeout: 20_000 }, show);
  };
  messages(claim, client);
  failures(claim, client);
};
