// What the contracts of HTTP are shown on, and how a claim is made.
import type { TestContext } from "node:test";
import type { Http } from "../../src/ports/http.ts";
import type { Recorder } from "../kit/http-recorder.ts";

/** A server under the contract. */
export interface HttpServerSubject {
  readonly name: string;
  /** Listens on loopback until the test is over; gives the port. */
  serve(t: TestContext, service: Http): Promise<number>;
}

/** Shows one claim with a service that notes what it hears, under the contract. */
export type ServerClaim = (what: string, show: (t: TestContext, recorder: Recorder, port: number) => Promise<void>) => void;

/** A client under the contract. */
export interface HttpClientSubject {
  readonly name: string;
  /** A service whose requests go to the port on loopback; closed when the test is over. */
  client(t: TestContext, port: number): Promise<Http>;
}

/** Shows one claim. */
export type ClientClaim = (what: string, show: (t: TestContext) => Promise<void>) => void;
