// What the APIs of security are given of a request in tests: a client that says what was done to it, and a broker that has no other parts.
import { OPEN_ACCESS } from "../../src/broker/access.ts";
import type { RequestContext } from "../../src/broker/api.ts";
import { BrokerSettings } from "../../src/broker/configs/broker-settings.ts";
import type { Client } from "../../src/broker/network/client.ts";
import type { Security } from "../../src/broker/security.ts";
import { silentLog } from "../../src/core/log.ts";
import { ManualClock } from "../kit/clock.ts";

export interface FakeClient extends Client {
  /** Why it was closed; empty when it was not. */
  readonly closed: readonly string[];
}

export const fakeClient = (): FakeClient => {
  const closed: string[] = [];
  const calls = new Set<() => void>();
  return {
    id: 1,
    host: "127.0.0.1",
    port: 40_000,
    software: { name: "", version: "" },
    principal: "User:ANONYMOUS",
    authenticated: false,
    sasl: undefined,
    session: undefined,
    bare: undefined,
    closed,
    onClosed(call) {
      calls.add(call);
      return () => calls.delete(call);
    },
    close(reason) {
      closed.push(reason);
      for (const call of [...calls]) call();
    },
  };
};

interface Parts {
  readonly client?: FakeClient;
  readonly security: Security;
  readonly allowed?: boolean;
  readonly clock?: ManualClock;
  /** Of the broker. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const contextOf = ({
  client = fakeClient(),
  security,
  allowed = true,
  clock = new ManualClock(),
  settings = {},
}: Parts): RequestContext => {
  const access = allowed ? OPEN_ACCESS : { allows: () => false, allowsSomewhere: () => false };
  // The APIs of security reach nothing else of the broker.
  const broker = { security, access, clock, settings: new BrokerSettings(new Map(Object.entries(settings))), log: silentLog };
  return { version: 1, clientId: "test", client, broker } as unknown as RequestContext;
};
