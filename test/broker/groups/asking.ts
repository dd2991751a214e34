// Asks an API of groups over the wire format of a version, with a broker that has groups, one topic, and nothing else.
import { type Access, OPEN_ACCESS } from "../../../src/broker/access.ts";
import { type BrokerApi, handlerOf, type RequestContext } from "../../../src/broker/api.ts";
import { Controls } from "../../../src/broker/controls.ts";
import { concat } from "../../../src/core/bytes.ts";
import { silentLog } from "../../../src/core/log.ts";
import { decodeResponse, encodeRequest } from "../../../src/kafka/wire/api/api.ts";
import { fakeClient } from "../asking.ts";
import { there, turn, type World } from "./world.ts";

export const TOPIC = { name: "t", id: "11111111-1111-1111-1111-111111111111", partitions: [undefined, undefined] };

const contextOf = ({ groups }: World, version: number, access: Access): RequestContext =>
  ({
    version,
    clientId: "client",
    client: { ...fakeClient(), host: "::ffff:10.0.0.1" },
    broker: {
      groups,
      shares: { get: () => undefined, all: () => [] },
      access,
      log: silentLog,
      controls: new Controls(),
      nodeId: 1,
      advertised: { host: "here", port: 9092 },
      topics: {
        get: (name: string) => (name === TOPIC.name ? TOPIC : undefined),
        byId: (id: string) => (id === TOPIC.id ? TOPIC : undefined),
      },
    },
  }) as unknown as RequestContext; // The APIs of groups reach nothing else of the broker.

/** Over the wire format of a version; what the request leaves out is empty. */
export const ask = async <Request extends object, Response>(
  world: World,
  { of, version, access = OPEN_ACCESS }: { of: BrokerApi<Request, Response>; version: number; access?: Access },
  request: Partial<Request>,
): Promise<Response> => {
  const body = concat(encodeRequest(of.api, { ...of.api.request.empty, ...request }, version));
  const answer = handlerOf(of).answer(body, contextOf(world, version, access));
  await turn();
  world.clock.advance(0);
  return decodeResponse(of.api, concat(there((await answer) ?? undefined)), version);
};

export const versionsOf = ({ versions: { min, max } }: { readonly versions: { readonly min: number; readonly max: number } }): number[] =>
  Array.from({ length: max - min + 1 }, (_, at) => min + at);
/** Nothing is allowed. */
export const NOTHING: Access = { allows: () => false, allowsSomewhere: () => false };
