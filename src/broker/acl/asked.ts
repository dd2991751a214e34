// What the three APIs of access rules begin with: whether the client may, and whether there are rules at all.
import { CLUSTER, type Operation } from "../access.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import type { Acls } from "./acls.ts";

/** Of a client that may not do that to the cluster. */
export const needs = (operation: Operation): BrokerError =>
  new BrokerError("CLUSTER_AUTHORIZATION_FAILED", `Request needs ${operation.toUpperCase()} permission.`);

/** Throws CLUSTER_AUTHORIZATION_FAILED, or SECURITY_DISABLED. */
export const aclsFor = ({ client, broker }: RequestContext, operation: Operation): Acls => {
  if (!broker.access.allows(client, operation, CLUSTER)) throw needs(operation);
  if (broker.security.acls === undefined) throw new BrokerError("SECURITY_DISABLED", "No Authorizer is configured.");
  return broker.security.acls;
};
