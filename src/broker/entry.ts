// What `import … from "sluice/broker"` gives: a broker for tests and programs.
export type { Control, Uncontrol } from "./controls.ts";
export type { Asked, Client } from "./network/client.ts";
export type { TlsOptions } from "./network/tls.ts";
export { type BrokerOptions, OptionsError } from "./options.ts";
export { type RunningBroker, startBroker } from "./start-broker.ts";
export { LockedError } from "./storage/lock.ts";
export { API } from "./tables.ts";
