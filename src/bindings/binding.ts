// What a binding is to the engine: a function from the services it exits to, to the service it offers. Types only.

import type { BindingNode } from "../config/node.ts";
import type { Clock } from "../core/clock.ts";
import type { Counters } from "../core/counters.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Wheel } from "../flow/wheel.ts";
import type { ConnectionHandler, Connector } from "../ports/connection.ts";
import type { Grpc } from "../ports/grpc.ts";
import type { Http } from "../ports/http.ts";
import type { Kafka, Share } from "../ports/kafka.ts";
import type { Catalog } from "../resources/catalog.ts";
import type { Vault } from "../resources/vault.ts";

/** The seams, by the name that messages use. */
export interface Ports {
  /** Takes accepted sockets. */
  readonly connection: ConnectionHandler;
  /** Opens sockets. */
  readonly connector: Connector;
  readonly http: Http;
  readonly grpc: Grpc;
  readonly kafka: Kafka;
}
export type PortName = keyof Ports;

/** What a binding may exit to: asked by the reference as the YAML spells it, resolved and checked by the linker before `bind`. */
export interface Exits {
  /** The port of the binding that `reference` (a route's exit, the binding's exit or entry) names. */
  of<Name extends PortName>(name: Name, reference: string): Ports[Name];
}

/** How the listeners of a binding share their ports with other processes that serve the same configuration. */
export interface Listening {
  /** None of the others listens yet, so a port that is in use is somebody else's. */
  readonly first: boolean;
  /** What another of them was given for a port 0, by the place of the listener among the binding's; undefined: nothing yet. */
  chosen(at: number): number | undefined;
  /** That listener is there, on that port. */
  listens(at: number, port: number): void;
}

/** What every binding is given beside its exits. */
export interface Runtime {
  /** Of the binding it is given to: for events, counters, log lines and group ids. */
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly log: Log;
  readonly events: Events;
  readonly counters: Counters;
  /** Named by `reference` as the YAML of this binding spells it. Known to exist. */
  catalog(reference: string): Catalog;
  vault(reference: string): Vault;
  /** The value of `-P name=value` or the properties file, as text. */
  property(name: string): string | undefined;
  /** What this process reads of replies that find the process that waits for them. Absent: all of them. */
  readonly share?: Share;
  /** Absent: nobody else listens on the same ports. */
  readonly listening?: Listening;
}

/**
 * A binding at work. Start is called once, after its exits have started; drain at most once, before any exit is drained; close
 * once if and only if start was called. After drain has settled a binding makes no calls.
 */
export interface Bound {
  /** What it offers; a binding that nobody exits to (tcp server, kafka-grpc) offers nothing. */
  readonly ports: Partial<Ports>;
  /** Listens, connects, joins. Rejects with a StatusError or ConfigError that says what could not be had. */
  start?(): Promise<void>;
  /** Takes no new work, finishes what is in hand until Unix time `untilMs`, then ends it. */
  drain?(untilMs: number): Promise<void>;
  close?(): Promise<void>;
}

/** A YAML type and kind. `bind` opens nothing, so that a graph can be linked and checked without being run. */
export interface Binding<Config> {
  readonly type: string;
  readonly kind: string;
  /** The ports it offers. */
  readonly serves: readonly PortName[];
  /** The port that each of its exits must offer. Absent: it has no exits. */
  readonly exits?: PortName;
  /** The port that its `entry` must offer. */
  readonly entry?: PortName;
  /** From a node that the schema has accepted. Throws or collects ConfigError for what a schema cannot say. */
  parse(node: BindingNode): Config;
  bind(config: Config, exits: Exits, runtime: Runtime): Bound;
}
