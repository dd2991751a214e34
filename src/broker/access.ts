// Who may do what: the question every API asks before it answers. Who decides is another's business; without anybody, all is allowed.
import type { Client } from "./network/client.ts";

/** What may be done, and the number ACLs know it by. */
export const OPERATIONS = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
} as const;
export type Operation = keyof typeof OPERATIONS;

/** To what, and the number ACLs know it by. */
export const RESOURCE_TYPES = { topic: 2, group: 3, cluster: 4, transactionalId: 5, user: 7 } as const;

export interface Resource {
  readonly type: keyof typeof RESOURCE_TYPES;
  readonly name: string;
}

/** The one there is. */
export const CLUSTER: Resource = { type: "cluster", name: "kafka-cluster" };

export interface Access {
  allows(client: Client, operation: Operation, resource: Resource): boolean;
  /** Whether there may be a resource of that kind of which it is allowed. */
  allowsSomewhere(client: Client, operation: Operation, type: Resource["type"]): boolean;
}

export const OPEN_ACCESS: Access = { allows: () => true, allowsSomewhere: () => true };

/** Operations that answers tell of, by the kind of resource. */
const TOLD: Readonly<Record<Resource["type"], readonly Operation[]>> = {
  topic: ["read", "write", "create", "delete", "alter", "describe", "describeConfigs", "alterConfigs"],
  group: ["read", "delete", "describe", "describeConfigs", "alterConfigs"],
  cluster: ["create", "alter", "describe", "clusterAction", "describeConfigs", "alterConfigs", "idempotentWrite"],
  transactionalId: ["describe", "write"],
  user: [],
};

/** What a client may do to a resource, as a bit for each operation; answers that were not asked for it say `NOT_ASKED`. */
export const authorizedOperations = (access: Access, client: Client, resource: Resource): number =>
  TOLD[resource.type].reduce(
    (bits, operation) => (access.allows(client, operation, resource) ? bits | (1 << OPERATIONS[operation]) : bits),
    0,
  );

export const NOT_ASKED = -(2 ** 31);
