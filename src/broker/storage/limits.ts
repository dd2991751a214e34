// Every limit of the storage, with its unit and what happens beyond it.

/** The largest batch that is taken or believed: a length beyond it, on disk or from a client, is damage. */
export const BATCH_BYTES_MAX = 104_857_600;
/** How much of one log may be written and not yet synced: it is the most that an unclean stop can tear, and the most one commit writes (or one batch). */
export const UNSYNCED_BYTES_MAX = 4_194_304;
/** Batches kept in memory for readers at the end of logs, over all logs; the oldest leave. */
export const TAIL_BYTES_MAX = 33_554_432;
/** What a batch kept in memory takes beside its bytes: its facts, its view, its places in lists. Measured with batches of one small record. */
export const HELD_BATCH_BYTES = 1_024;
/** Open files of segments; the one used longest ago is closed. */
export const OPEN_FILES_MAX = 256;
/** Logs that write and sync at the same time; the rest queue. Node has four threads for files. */
export const COMMITS_AT_ONCE = 4;
/** From the disk at once, whatever a reader asks for; one batch may be larger. */
export const READ_BYTES_MAX = 4_194_304;
/** Bytes of a segment between two entries of its index. */
export const INDEX_INTERVAL_BYTES = 16_384;
/** What recovery and compaction read at once. */
export const SCAN_BYTES = 1_048_576;
/** What an idempotent producer may repeat: its newest batches are known by sequence (the protocol's own limit of requests in flight). */
export const PRODUCER_BATCHES_KEPT = 5;
/** Distinct keys that one round of compaction looks at; with more, it cleans a shorter piece of the log. */
export const COMPACTION_KEYS_MAX = 1_000_000;
/** Bytes of keys in that round. */
export const COMPACTION_KEY_BYTES_MAX = 134_217_728;
/** Logs that are opened, and their ends checked, at the same time. */
export const LOGS_OPENED_AT_ONCE = 8;
/** The same trouble with a log's disk is said once in this time. */
export const TROUBLE_SAID_EVERY_MS = 10_000;
