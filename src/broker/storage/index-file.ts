// The `.index` file of a segment: all that follows from its batches – summary, index, aborted transactions, and the producers as they were
// at its end – so that a start reads none of them again. It is only a memory: when it is missing or broken, the log is read.
import { buffer, utf8 } from "../../core/bytes.ts";
import { crc32c } from "../../kafka/wire/crc32c.ts";
import { view } from "./batch-facts.ts";
import { type Disk, readFile, writeFileWhole } from "./disk.ts";
import type { ProducerEntry } from "./producers.ts";
import type { Segment, SegmentSummary } from "./segment.ts";
import { SparseIndex } from "./sparse-index.ts";

export interface IndexFile {
  readonly summary: SegmentSummary;
  readonly producers: readonly ProducerEntry[];
  readonly index: SparseIndex;
}

const MAGIC = 0x534c5831; // SLX1
const MAGIC_AT = 0;
const CRC_AT = 4;
/** The checksum covers everything from here. */
const HEADER_BYTES_AT = 8;
const HEADER_AT = 12;

/** Only what is durable in the segment may be told. */
export const writeIndexFile = async (disk: Disk, segment: Segment, producers: Iterable<ProducerEntry>): Promise<void> => {
  const index = segment.index ?? (await readIndexFile(disk, segment.indexPath))?.index ?? new SparseIndex();
  const header = utf8(JSON.stringify({ summary: segment.summary(), producers: [...producers] }));
  const entries = index.bytes();
  const bytes = Buffer.alloc(HEADER_AT + header.length + entries.length);
  bytes.set(header, HEADER_AT);
  bytes.set(entries, HEADER_AT + header.length);
  bytes.writeUInt32BE(MAGIC, MAGIC_AT);
  bytes.writeUInt32BE(header.length, HEADER_BYTES_AT);
  bytes.writeUInt32BE(crc32c(bytes.subarray(HEADER_BYTES_AT)), CRC_AT);
  await writeFileWhole(disk, segment.indexPath, bytes);
};

/** Undefined when it is missing or broken. */
export const readIndexFile = async (disk: Disk, path: string): Promise<IndexFile | undefined> => {
  const bytes = await readFile(disk, path);
  if (!bytes || bytes.length < HEADER_AT) return undefined;
  const from = view(bytes);
  if (from.getUint32(MAGIC_AT) !== MAGIC || from.getUint32(CRC_AT) !== crc32c(bytes.subarray(HEADER_BYTES_AT))) return undefined;
  const headerBytes = from.getUint32(HEADER_BYTES_AT);
  const body = bytes.subarray(HEADER_AT);
  // The checksum is right, so this is what was written above.
  const header = JSON.parse(buffer(body.subarray(0, headerBytes)).toString("utf8")) as Omit<IndexFile, "index">;
  const entries = Uint8Array.prototype.slice.call(body, headerBytes);
  return { ...header, index: new SparseIndex(new Float64Array(entries.buffer, 0, entries.byteLength / Float64Array.BYTES_PER_ELEMENT)) };
};
