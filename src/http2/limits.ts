// Every limit of an HTTP/2 connection, with its unit. What happens past it stands beside it; each counts as `sluice.http.limits`, under
// the name in brackets.

// What a peer may send at once.

/** Fields of a request, pseudo headers among them: the stream is reset [headers]. The only bound that holds against a compressed bomb. */
export const HEADER_PAIRS_MAX = 64;
/** A header block as it travels, which has to be decoded to the end whatever becomes of it: GOAWAY ENHANCE_YOUR_CALM [continuations]. */
export const HEADER_BLOCK_BYTES_MAX = 65_536;
/** CONTINUATION frames of one block: GOAWAY ENHANCE_YOUR_CALM [continuations]. */
export const CONTINUATIONS_MAX = 16;
/** Settings in one frame: GOAWAY ENHANCE_YOUR_CALM [settings]. */
export const SETTINGS_PER_FRAME_MAX = 32;

// What a peer may send again and again: so many at once, and so many a second. Then GOAWAY ENHANCE_YOUR_CALM.

/** How often something may come. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}
/**
 * Streams that a peer opens and resets, or makes us reset or refuse [resets]. GOAWAY ends the calls of others behind the same proxy too, so
 * it is well above what deadlines and hedged calls do, and well below what a processor can begin.
 */
export const STREAM_RESET_BURST = 1_000;
export const STREAM_RESETS_PER_SECOND = 500;
export const RESETS: Rate = { burst: STREAM_RESET_BURST, perSecond: STREAM_RESETS_PER_SECOND };
/** Of a header list over its limits: what was decoded for nothing counts as a stream that was reset, for each of so many bytes [resets]. */
export const HEADER_EXCESS_BYTES = 1_024;
/** But one list for no more than so many. */
export const HEADER_EXCESS_MAX = 250;
/** DATA and CONTINUATION frames with nothing in them that end nothing [empty]. */
export const EMPTY_FRAMES: Rate = { burst: 100, perSecond: 10 };
/** WINDOW_UPDATE frames beyond those that answer what we send [windows]. */
export const WINDOW_UPDATES: Rate = { burst: 1_000, perSecond: 100 };
/** Of those that each DATA frame of ours may be answered by. */
export const WINDOW_UPDATES_PER_DATA = 2;
/** PRIORITY frames, frames of types that are not known, and acknowledgements of nothing [priorities]. */
export const PRIORITIES: Rate = { burst: 500, perSecond: 50 };
/** PINGs in a minute while nothing else happens [pings]; the GOAWAY says `too_many_pings`, as gRPC's do. */
export const IDLE_PINGS_PER_MINUTE_MAX = 10;
/** SETTINGS frames in a minute [settings]. */
export const SETTINGS_PER_MINUTE_MAX = 30;
export const FLOOD_WINDOW_MS = 60_000;

// What waits, here and there.

/** Bytes that a peer may send ahead of its reader: on a stream at first, on one whose reader takes everything at once, on all together. */
export const STREAM_WINDOW_BYTES = 65_535;
export const STREAM_WINDOW_BYTES_MAX = 1_048_576;
export const SESSION_WINDOW_BYTES = 1_048_576;
/** Bytes that came for slow readers, on all streams of a connection: with more, the connection's window stays shut until they read. */
export const HELD_BYTES_MAX = 4_194_304;
/** Bytes queued on a stream by a service that goes on after `false`: reset with ENHANCE_YOUR_CALM [queue]. */
export const QUEUE_BYTES_MAX = 8 * 1_048_576;
/** Bytes queued on all streams of a connection: new streams are refused [backlog]. */
export const BACKLOG_BYTES_MAX = 8 * 1_048_576;
/** And the streams that queue more are reset with ENHANCE_YOUR_CALM [queue]. */
export const CONNECTION_QUEUE_BYTES_MAX = 64 * 1_048_576;
/** Bytes given to the socket and not written: then DATA waits in its stream. */
export const OUTPUT_BYTES_MAX = 262_144;
/** And with so many, all of it answers to a peer that does not read: it is not read from either. */
export const UNREAD_BYTES_MAX = 1_048_576;
/** Bytes of a request that waits for a connection. */
export const WAITING_BYTES_MAX = 65_536;
/** Streams reset by us that are remembered, since the peer may not know it yet: what still comes for them is dropped. */
export const RESET_STREAMS_MAX = 1_024;
/** A DATA frame of ours, where the peer allows larger ones: others get their turn. */
export const SENT_FRAME_BYTES_MAX = 32_768;

// How long.

/** From an accepted connection to its preface, settings and the acknowledgement of ours: GOAWAY SETTINGS_TIMEOUT [handshake]. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/**
 * For a frame, or a header block over several, from its first byte to its last: GOAWAY ENHANCE_YOUR_CALM [frame]. At the latest after twice
 * as long: it is looked at by the timer that a frame before it has armed.
 */
export const FRAME_TIMEOUT_MS = 7_000;
/** A connection without streams: GOAWAY, then closed [idle]. */
export const IDLE_TIMEOUT_MS = 300_000;
/**
 * A stream with bytes to send and no progress: reset with CANCEL [stall]. A socket that gets rid of nothing, seen after twice as long at the
 * latest: GOAWAY ENHANCE_YOUR_CALM [stall].
 */
export const STALL_TIMEOUT_MS = 30_000;
/** Between the announcement of a drain and its GOAWAY, unless the peer answers sooner: what was on its way still comes in. */
export const GOAWAY_GRACE_MS = 1_000;
/** After the last frame was written, a peer that does not close is closed. */
export const LINGER_MS = 1_000;
/** A connection of ours to a server with streams, from which nothing was heard: is it there? */
export const KEEP_ALIVE_QUIET_MS = 30_000;
/** And again, while it stays silent: servers end connections that ask more often. */
export const KEEP_ALIVE_REPEAT_MS = 300_000;
/** A connection of a client with streams, from which nothing was heard. */
export const SERVER_KEEP_ALIVE_QUIET_MS = 600_000;
/** For the answer: then its streams end UNAVAILABLE [keepalive]. */
export const KEEP_ALIVE_TIMEOUT_MS = 20_000;
