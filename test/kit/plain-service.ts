// A service with nothing in it, for judges of HTTP/2 itself: a small body for every request, a large one where the path asks for it.
import { OK } from "../../src/core/status.ts";
import type { Http } from "../../src/ports/http.ts";

export const SMALL_BODY = Buffer.from("sluice\n");
/** Written at once, by a service that does not care whether anybody reads. */
export const LARGE_BODY_BYTES = 262_144;
/** A name that a gRPC server takes too. */
export const SMALL_PATH = "/plain.Plain/Small";
export const LARGE_PATH = "/plain.Plain/Large";

const LARGE_BODY = Buffer.alloc(LARGE_BODY_BYTES, 0x61);

/** Answers 200 when the request has ended. */
export const plainService: Http = ({ path }, reply) => ({
  write: () => true,
  end() {
    reply.headers({ status: 200, headers: [["content-type", "text/plain"]] });
    reply.write([path.startsWith(LARGE_PATH) ? LARGE_BODY : SMALL_BODY]);
    reply.end(OK);
  },
  cancel() {},
  ready() {},
});
