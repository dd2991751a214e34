// The limits of the log, each with its unit.

/** The hot tail of all logs of a process, if not configured: records, and what is kept beside them. */
export const LOG_BYTES_MAX = 128 * 1_024 * 1_024;
/** A batch is at most so many records … */
export const BATCH_RECORDS_MAX = 256;
/** … and so many bytes, or one record. */
export const BATCH_BYTES_MAX = 256 * 1_024;
/** Kept beside a record: where it is. */
export const RECORD_OVERHEAD_BYTES = 8;
/** Kept beside a chunk, and for each partition in its vector. */
export const CHUNK_OVERHEAD_BYTES = 480;
export const VECTOR_ENTRY_BYTES = 8;
/** The records that several readers are given, of all logs of a process: what is kept beside their bytes … */
export const SHARED_BYTES_MAX = 8 * 1_024 * 1_024;
/** … and so much for each, with its value's view; its progress comes on top. */
export const SHARED_RECORD_BYTES = 256;

/** What is asked of Kafka at a time for readers that lag, or one batch. */
export const RANGE_BYTES_MAX = 256 * 1_024;
/** Or less, down to this: where many readers lag, what they would not come to before it is dropped is not fetched. */
export const RANGE_BYTES_MIN = 16 * 1_024;
/** So many such fetches of a topic are on their way at once; other readers wait for their turn. */
export const RANGE_FETCHES_MAX = 8;
/** A reader no more offsets behind where a fetch begins waits for that fetch. */
export const RANGE_JOIN_SPAN = 1_024;
/** What was read for readers that lag is kept for others, up to this part of what the hot tail may take, beside that. */
export const RANGE_MEMORY_PART = 0.25;
/** Records that a reader with filters looks at before others have a turn. */
export const SCAN_RECORDS_MAX = 4_096;
/** Positions that are remembered for a reader that has not asked for them yet; past it, the reader scans for what follows. */
export const FOUND_MAX = 1_024;

/** What a reader is given in a turn. */
export const TURN_BYTES_MAX = 256 * 1_024;
/** How many readers run in a turn. */
export const TURN_READERS_MAX = 1_024;

/** The indexes of replies of a process, if not configured. */
export const REPLY_INDEX_BYTES_MAX = 256 * 1_024 * 1_024;
/** The slots of an index's first segment; each next one has four times as many, up to the last. Powers of two. */
export const INDEX_SLOTS_FIRST = 1_024;
export const INDEX_SLOTS_MAX = 65_536;
/** A value that more records have is looked for by a scan. */
export const INDEX_FINDS_MAX = 10_000;
/** Records that were there already and lie no further apart are read together. */
export const RECALL_SPAN = 1_024;
