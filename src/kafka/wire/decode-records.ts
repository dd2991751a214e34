// Finds the records in the (decompressed) bytes of a batch, and makes sure that all their fields lie within them: whoever reads a record
// later need not look at bounds again.
import { WireError } from "./reader.ts";
import { RECORD_BYTES_MIN } from "./record-batch.ts";
import { BatchRecord, type RecordSource } from "./stored-record.ts";

/** What a batch's head says of its records. */
export interface RecordsHead {
  readonly lastOffset: number;
  readonly count: number;
}

/** Past the end, reads zeros; `within` tells afterwards. */
class Fields {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new WireError(`a number before byte ${this.at} of the records has more than 5 bytes`);
  }

  /** Moves over a number of up to 64 bits. */
  varlong(): void {
    for (let digits = 0; digits < 10; digits++) if ((this.bytes[this.at++] ?? 0) < 0x80) return;
    throw new WireError(`a number before byte ${this.at} of the records has more than 10 bytes`);
  }

  /** Moves over a field that may be null. */
  field(): void {
    const length = this.varint();
    if (length < -1) throw new WireError(`a length of ${length} before byte ${this.at} of the records`);
    if (length > 0) this.at += length;
  }

  headers(): void {
    const count = this.varint();
    if (count < 0 || count > this.bytes.length) throw new WireError(`${count} headers are announced before byte ${this.at} of the records`);
    for (let index = 0; index < count; index++) {
      const length = this.varint();
      if (length < 0) throw new WireError(`a header without a name before byte ${this.at} of the records`);
      this.at += length;
      this.field();
      if (this.at > this.bytes.length) break;
    }
  }
}

/** All records, in order of their offsets. Throws a WireError when anything is malformed. */
export const decodeRecords = (source: RecordSource, head: RecordsHead): BatchRecord[] => {
  const { bytes, baseOffset } = source;
  const { count, lastOffset } = head;
  if (count < 0 || count * RECORD_BYTES_MIN > bytes.length) throw new WireError(`${count} records cannot be in ${bytes.length} bytes`);
  const fields = new Fields(bytes);
  const records: BatchRecord[] = [];
  let previous = baseOffset - 1;
  for (let index = 0; index < count; index++) {
    const begin = fields.at;
    const length = fields.varint();
    const at = fields.at;
    fields.at++;
    fields.varlong();
    const offset = baseOffset + fields.varint();
    fields.field();
    fields.field();
    fields.headers();
    if (fields.at !== at + length || fields.at > bytes.length)
      throw new WireError(`record ${index} does not have the ${length} bytes it announces`);
    if (offset <= previous || offset > lastOffset)
      throw new WireError(`record ${index} has offset ${offset}, which is not after ${previous} and up to ${lastOffset}`);
    previous = offset;
    records.push(new BatchRecord(source, begin));
  }
  if (fields.at !== bytes.length) throw new WireError(`${bytes.length - fields.at} bytes are left after ${count} records`);
  return records;
};
