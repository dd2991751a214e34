// Which protocol a peer speaks: the first bytes of its connection are looked at and put back.
import type { Duplex } from "node:stream";
import type { Clock } from "../../core/clock.ts";
import { HANDSHAKE_TIMEOUT_MS } from "../../http2/limits.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** `h2`: the bytes are the preface of HTTP/2; `other`: they are not; `none`: nothing usable came in time, and the socket is destroyed. */
export type Spoken = "h2" | "other" | "none";

/** Calls once. */
export const spoken = (socket: Duplex, clock: Clock, told: (spoken: Spoken) => void): void => {
  let seen = Buffer.alloc(0);
  const settle = (found: Spoken): void => {
    timer.cancel();
    socket.off("readable", read);
    socket.off("close", none);
    socket.off("end", none);
    if (seen.length > 0 && found !== "none") socket.unshift(seen);
    if (found === "none") socket.destroy();
    else socket.off("error", ignore);
    told(found);
  };
  const none = (): void => settle("none");
  const read = (): void => {
    for (let chunk = socket.read(); chunk instanceof Uint8Array; chunk = socket.read()) seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    if (length === 0) return;
    if (!seen.subarray(0, length).equals(PREFACE.subarray(0, length))) settle("other");
    else if (length === PREFACE.length) settle("h2");
  };
  const timer = clock.after(HANDSHAKE_TIMEOUT_MS, none);
  socket.on("error", ignore);
  socket.on("close", none);
  socket.on("end", none);
  socket.on("readable", read);
};

const ignore = (): void => {};
