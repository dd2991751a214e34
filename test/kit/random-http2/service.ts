// What the servers do whose answers are compared: by the request's path and nothing else, so that all can do the same.
//
//   /BYTES/CHUNKS/TRAILERS/END     BYTES of body in so many chunks, so many trailers; END is `end`, `headers` (a response that is headers
//                                  and nothing else), or `reset` (after the body)
import { fail, OK } from "../../../src/core/status.ts";
import type { Http, HttpHeaders } from "../../../src/ports/http.ts";

export interface Wanted {
  readonly bytes: number;
  readonly chunks: number;
  readonly trailers: number;
  readonly end: "end" | "headers" | "reset";
}

export const pathOf = ({ bytes, chunks, trailers, end }: Wanted): string => `/${bytes}/${chunks}/${trailers}/${end}`;

const wantedOf = (path: string): Wanted => {
  const [, bytes, chunks, trailers, end] = path.split("/");
  return {
    bytes: Number(bytes),
    chunks: Number(chunks),
    trailers: Number(trailers),
    end: end === "reset" || end === "headers" ? end : "end",
  };
};

/** A checksum that is short to write in any language: FNV-1a over 32 bits. */
export const checksum = (bytes: Uint8Array, from = 0x811c9dc5): number => {
  let sum = from;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum >>> 0;
};

/** The body of every answer, from its beginning. */
export const PATTERN = Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));

/** The names and values that came and begin with `x-`, in their order, as one number. */
const headersSum = (headers: HttpHeaders): number =>
  checksum(
    Buffer.from(
      headers
        .filter(([name]) => name.startsWith("x-"))
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
      "latin1",
    ),
  );

export const comparedService: Http = ({ path, headers }, reply) => {
  let bytesRead = 0;
  let sum = checksum(new Uint8Array(0));
  return {
    write(batch) {
      for (const chunk of batch) {
        bytesRead += chunk.length;
        sum = checksum(chunk, sum);
      }
      return true;
    },
    end() {
      const { bytes, chunks, trailers, end } = wantedOf(path);
      const seen: HttpHeaders = [
        ["x-read", String(bytesRead)],
        ["x-sum", String(sum)],
        ["x-headers", String(headersSum(headers))],
      ];
      if (end === "headers") {
        reply.end(OK, { status: 200, headers: seen });
        return;
      }
      reply.headers({ status: 200, headers: seen });
      const size = Math.ceil(bytes / chunks);
      for (let at = 0; at < bytes; at += size) reply.write([PATTERN.subarray(at, Math.min(bytes, at + size))]);
      if (end === "reset") reply.end(fail("INTERNAL", "as wanted").status);
      else
        reply.end(
          OK,
          trailers === 0 ? undefined : { headers: Array.from({ length: trailers }, (_, at) => [`x-t${at}`, `${at}`] as const) },
        );
    },
    cancel() {},
    ready() {},
  };
};
