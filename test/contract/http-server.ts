// What every server's end of HTTP/2 owes a service of the http port, shown over a real connection to a foreign client (node:http2).
import { test } from "node:test";
import { Recorder } from "../kit/http-recorder.ts";
import { strict } from "../kit/strict.ts";
import { messages } from "./http-server-messages.ts";
import { pressure } from "./http-server-pressure.ts";
import type { HttpServerSubject, ServerClaim } from "./http-subjects.ts";

export const httpServerContract = ({ name, serve }: HttpServerSubject): void => {
  const claim: ServerClaim = (what, show) => {
    test(`${name}: ${what}`, { timeout: 20_000 }, async (t) => {
      const recorder = new Recorder();
      await show(t, recorder, await serve(t, strict(recorder.service)));
    });
  };

  messages(claim, serve);
  pressure(claim, serve);
};
