// Random requests of a client of ours to the responder, and whether what the caller is told is what was asked for.
import { Code, type Status } from "../../../src/core/status.ts";
import type { Http, HttpHeaders, HttpResponse } from "../../../src/ports/http.ts";
import { Dice } from "../differential/dice.ts";
import type { Played } from "./client.ts";
import { answerPath, type WantedAnswer } from "./responder.ts";
import { checksum, PATTERN } from "./service.ts";

const HANG_MS = 20_000;
const CALLS_MAX = 8;
const ANSWER_BYTES_MAX = 7_000;
const REQUEST_BYTES_MAX = 100_000;
const PEER = { address: "", port: 0, localAddress: "", localPort: 0 };

/** Code of RST_STREAM → of the status (PROTOCOL-HTTP2, "HTTP2 Transport Mapping"). */
const STATUS_OF_RESET: Readonly<Record<number, number>> = {
  2: Code.INTERNAL,
  7: Code.UNAVAILABLE,
  8: Code.CANCELLED,
  11: Code.RESOURCE_EXHAUSTED,
};
const RESETS = Object.keys(STATUS_OF_RESET).map(Number);

const wantedOf = (dice: Dice): WantedAnswer => ({
  bytes: dice.chance(0.3) ? 0 : dice.between(0, dice.chance(0.3) ? ANSWER_BYTES_MAX : 200),
  trailers: dice.between(0, 3),
  interim: dice.chance(0.1) ? dice.between(1, 2) : 0,
  end: dice.oneOf<WantedAnswer["end"]>(["end", "end", "end", "headers", dice.oneOf(RESETS)]),
});

interface Seen {
  head?: HttpResponse;
  last?: HttpResponse;
  status?: Status;
  bytes: number;
  sum: number;
}

const ours = (headers: HttpHeaders = []): HttpHeaders => headers.filter(([name]) => name.startsWith("x-"));

/** What a caller was told, in one line. */
const told = ({ head, last, status, bytes, sum }: Seen): string => {
  if (status === undefined) return "nothing, or not to its end";
  if (status.code !== Code.OK) return `status ${status.code}`;
  return JSON.stringify([head?.status, ours(head?.headers), bytes, sum, last?.status, ours(last?.headers)]);
};

const expected = ({ bytes, trailers, end }: WantedAnswer, body: Buffer): string => {
  if (typeof end === "number") return `status ${STATUS_OF_RESET[end]}`;
  const fields: HttpHeaders = [
    ["x-read", String(body.length)],
    ["x-sum", String(checksum(body))],
  ];
  if (end === "headers") return JSON.stringify([undefined, [], 0, checksum(new Uint8Array(0)), 200, fields]);
  const last = Array.from({ length: trailers }, (_, at) => [`x-t${at}`, String(at)]);
  return JSON.stringify([200, fields, bytes, checksum(PATTERN.subarray(0, bytes)), undefined, last]);
};

/** One request to its end: what was otherwise than it should be. */
const call = (http: Http, dice: Dice): Promise<string | undefined> => {
  const wanted = wantedOf(dice);
  const body = Buffer.alloc(dice.chance(0.3) ? 0 : dice.between(0, dice.chance(0.1) ? REQUEST_BYTES_MAX : 500), dice.between(0, 255));
  const seen: Seen = { bytes: 0, sum: checksum(new Uint8Array(0)) };
  return new Promise((over) => {
    const settle = (): void => {
      clearTimeout(late);
      const [is, should] = [told(seen), expected(wanted, body)];
      over(is === should ? undefined : `${answerPath(wanted)}: ${is}, ${should} is wanted`);
    };
    const late = setTimeout(settle, HANG_MS);
    const requests = http(
      { method: "POST", scheme: "http", authority: "127.0.0.1", path: answerPath(wanted), headers: [], peer: PEER },
      {
        headers(meta) {
          seen.head = meta;
        },
        write(batch) {
          for (const chunk of batch) {
            seen.bytes += chunk.length;
            seen.sum = checksum(chunk, seen.sum);
          }
          return true;
        },
        end(status, last) {
          seen.status = status;
          if (last) seen.last = last;
          settle();
        },
        ready() {},
      },
    );
    for (let at = 0; at < body.length; ) {
      const size = dice.between(1, 40_000);
      requests.write([body.subarray(at, at + size)]);
      at += size;
    }
    requests.end();
  });
};

/** Some calls at once on a connection. */
export const playCalls = async (http: Http, seed: number): Promise<Played> => {
  const dice = new Dice(seed);
  const calls = Array.from({ length: dice.between(1, CALLS_MAX) }, () => call(http, dice));
  const faults = (await Promise.all(calls)).filter((fault) => fault !== undefined);
  return { exchanges: calls.length, faults: faults.map((fault) => `seed ${seed}: ${fault}`) };
};
