// Fetch (1), versions 4 to 18: record batches as they are stored, from an offset on, within one budget of bytes; long polls wait for new
// records; incremental sessions (KIP-227); topics by name or id; for readers of committed records, the transactions that were aborted.
// Not here: followers, throttling, tiered storage. Batches are whole: none is cut at the end of the budget.
import { fetch as api, type FetchRequest, type FetchResponse } from "../kafka/wire/api/01-fetch.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { responsesOf } from "./fetch/targets.ts";
import { readPatiently } from "./fetch/wait.ts";

const READ_COMMITTED = 1;

const response = (errorCode: number, sessionId: number, responses: FetchResponse["responses"]): FetchResponse => ({
  throttleTimeMs: 0,
  errorCode,
  sessionId,
  responses,
  nodeEndpoints: [],
});

export const fetch: BrokerApi<FetchRequest, FetchResponse> = {
  api,
  versions: api.versions,
  missing: "followers, tiered storage",
  async handle(request, context) {
    const { broker, version } = context;
    const asking = broker.fetchSessions.take(request, version);
    if (typeof asking === "number") return response(asking, 0, []);
    const bytesMax = Math.min(request.maxBytes, broker.settings.number("fetch.max.bytes"));
    const isolation = request.isolationLevel === READ_COMMITTED ? "committed" : "uncommitted";
    const patience = { waitMs: request.maxWaitMs, bytesMin: Math.min(request.minBytes, bytesMax) };
    const { all } = await readPatiently(asking.targets, { context, isolation, bytesMax }, patience);
    const { sessionId, told } = asking.answer(all);
    return response(ErrorCode.NONE, sessionId, responsesOf(told));
  },
  refuse: (_request, { code }) => response(code, 0, []),
};
