// The limits of fetches, each with its unit.

/** The broker waits so long for something to read before it answers with nothing. */
export const FETCH_WAIT_MS = 500;
/** Of one answer. */
export const FETCH_BYTES_MAX = 4_194_304;
/** Of one partition in one answer, unless its first batch is larger. */
export const PARTITION_BYTES_MAX = 1_048_576;
