// Every limit of an HTTP/2 connection, with its unit. What happens past it stands beside it; each counts as `sluice.http.limits`.

/** Fields of a request, pseudo headers among them: the stream is reset. The only bound that holds against a compressed bomb. */
export const HEADER_PAIRS_MAX = 64;
/** Frames that break the protocol; then the connection is closed. */
export const INVALID_FRAMES_MAX = 100;
/** Streams refused on a connection; then it is closed. */
export const REJECTED_STREAMS_MAX = 50;
/**
 * Streams that a peer may open and reset: so many at once, and so many a second. Then GOAWAY, which ends the calls of others behind the
 * same proxy too, so it is well above what deadlines and hedged calls do, and well below what a processor can begin.
 */
export const STREAM_RESET_BURST = 5_000;
export const STREAM_RESETS_PER_SECOND = 1_000;
/** Settings in one frame. */
export const SETTINGS_PER_FRAME_MAX = 16;
/**
 * The library's own bound on a connection's memory is switched off: it never gives back what a reset stream had still to send, so a
 * connection that lives long enough would refuse every stream. What bounds memory are the streams, their windows and QUEUE_BYTES_MAX.
 */
export const SESSION_MEGABYTES_MAX = 2 ** 32 - 1;

/** Bytes that a peer may send ahead of its reader: a stream, and all streams of a connection. */
export const STREAM_WINDOW_BYTES = 65_535;
export const SESSION_WINDOW_BYTES = 1_048_576;

/** From an accepted connection to its preface, settings and the acknowledgement of ours: then it is closed. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** A connection without streams: GOAWAY, then closed. */
export const IDLE_TIMEOUT_MS = 300_000;
/** A stream with bytes to send and no progress: reset. */
export const STALL_TIMEOUT_MS = 30_000;
/** Bytes queued on a stream by a service that goes on after `false`: reset with ENHANCE_YOUR_CALM. */
export const QUEUE_BYTES_MAX = 8 * 1_048_576;
/** A body chunk is written in pieces of this size, so that progress can be seen on a slow stream. */
export const PIECE_BYTES_MAX = 262_144;

/** PINGs and SETTINGS that a peer may send in a minute while nothing else happens: then GOAWAY ENHANCE_YOUR_CALM. */
export const IDLE_PINGS_PER_MINUTE_MAX = 60;
export const SETTINGS_PER_MINUTE_MAX = 60;
export const FLOOD_WINDOW_MS = 60_000;

/** Between the announcement of a drain and its GOAWAY, unless the peer answers sooner: what was on its way still comes in. */
export const GOAWAY_GRACE_MS = 1_000;
/** After the last frame was written, a peer that does not close is closed. */
export const LINGER_MS = 1_000;

/** A connection of ours to a server with streams, from which nothing was heard: is it there? */
export const KEEP_ALIVE_QUIET_MS = 30_000;
/** And again, while it stays silent: servers end connections that ask more often. */
export const KEEP_ALIVE_REPEAT_MS = 300_000;
/** For the answer: then its streams end UNAVAILABLE. */
export const KEEP_ALIVE_TIMEOUT_MS = 20_000;
/** Bytes of a request that waits for a connection. */
export const WAITING_BYTES_MAX = 65_536;
