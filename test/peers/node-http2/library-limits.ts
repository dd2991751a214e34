// Limits that node:http2 knows and counts by itself, or that are made up for what it lacks.

/** Frames that break the protocol; then the connection is closed. */
export const INVALID_FRAMES_MAX = 100;
/** Streams refused on a connection; then it is closed. */
export const REJECTED_STREAMS_MAX = 50;
/**
 * The library's own bound on a connection's memory is switched off: it never gives back what a reset stream had still to send, so a
 * connection that lives long enough would refuse every stream.
 */
export const SESSION_MEGABYTES_MAX = 2 ** 32 - 1;
/** A body chunk is written in pieces of this size, so that progress can be seen on a slow stream. */
export const PIECE_BYTES_MAX = 262_144;
