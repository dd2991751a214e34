// What the network may ask of the broker, each with the outcome of passing it.

/** A longer request closes its connection (Kafka's socket.request.max.bytes). */
export const REQUEST_BYTES_MAX = 100 * 1024 * 1024;
/** The same for clients that have yet to authenticate (Kafka's sasl.server.max.receive.size). */
export const STRANGER_REQUEST_BYTES_MAX = 512 * 1024;
/** Bytes read and not yet answered, and answers not yet taken, over all connections; past it nothing more is read. */
export const QUEUED_BYTES_MAX = 512 * 1024 * 1024;
/** The same of one connection that has a request in hand. */
export const QUEUED_BYTES_PER_CONNECTION_MAX = 16 * 1024 * 1024;
/** A further connection is closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** Requests of one connection that wait for an answer; past it nothing more is read from it. */
export const REQUESTS_QUEUED_MAX = 64;
/** A connection without a request for so long is closed, and so is one that reads none of its answer (Kafka's connections.max.idle.ms). */
export const IDLE_MS_MAX = 600_000;
/** A client that has not authenticated within this time is closed. */
export const AUTHENTICATION_MS_MAX = 15_000;
/** A client whose handshake of TLS takes longer is closed. */
export const HANDSHAKE_MS_MAX = 15_000;
/** A request may take this long from its first byte to its last. */
export const REQUEST_MS_MAX = 60_000;
/** A connection that is to be closed may take this long to be given the answers that it waits for. */
export const CLOSE_MS_MAX = 5_000;
/** That connections were refused is said once in this time. */
export const REFUSALS_SAID_EVERY_MS = 10_000;
