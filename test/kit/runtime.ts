// What a binding is given, for tests: real time unless a clock is named, and everything it says kept for reading.

import type { Exits, PortName, Ports, Runtime } from "../../src/bindings/binding.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { type Counter, Counters } from "../../src/core/counters.ts";
import { type Event, Events } from "../../src/core/events.ts";
import { logTo } from "../../src/core/log.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import type { Catalog } from "../../src/resources/catalog.ts";
import type { Vault } from "../../src/resources/vault.ts";

export interface TestRuntime extends Runtime {
  /** The events so far. */
  readonly heard: readonly Event[];
  /** The log so far, a line each. */
  readonly lines: readonly string[];
  /** Of the counter or gauge, over all its series. */
  count(metric: string): number;
}

export interface TestParts {
  readonly clock?: Clock;
  readonly properties?: Readonly<Record<string, string>>;
  readonly vaults?: Readonly<Record<string, Vault>>;
  readonly catalogs?: Readonly<Record<string, Catalog>>;
}

export const testRuntime = ({ clock = systemClock, properties = {}, vaults = {}, catalogs = {} }: TestParts = {}): TestRuntime => {
  const heard: Event[] = [];
  const lines: string[] = [];
  const events = new Events();
  events.listen((event) => heard.push(event));
  const counters = new Counters();
  return {
    namespace: "test",
    name: "binding0",
    clock,
    wheel: new Wheel(clock),
    log: logTo((line) => lines.push(line), "debug"),
    events,
    counters,
    catalog: (reference) => named(catalogs, reference),
    vault: (reference) => named(vaults, reference),
    property: (name) => properties[name],
    heard,
    lines,
    count: (metric) => {
      let sum = 0;
      for (const { key, of } of counters.all()) if (key.metric === metric && "value" in of) sum += (of as Counter).value; // "value" tells.
      return sum;
    },
  };
};

/** Exits by reference. */
export const testExits = (ports: Readonly<Record<string, Partial<Ports>>>): Exits => ({
  of<Name extends PortName>(name: Name, reference: string): Ports[Name] {
    const port = named(ports, reference)[name];
    if (port === undefined) throw new Error(`'${reference}' does not serve ${name}`);
    return port as Ports[Name]; // By name; the compiler does not follow the index.
  },
});

const named = <T>(among: Readonly<Record<string, T>>, name: string): T => {
  const found = among[name];
  if (found === undefined) throw new Error(`the test has no '${name}'`);
  return found;
};

/** A place for configurations that no file holds. */
export const NOWHERE = { file: "zilla.yaml", line: 1, column: 1 } as const;
