// A fetched record as a message with its id: built once a record, and the same bytes for every caller that gets it.
import { appendMessageId } from "../../exchange/message-id.ts";
import type { Message } from "../../ports/grpc.ts";
import type { StoredRecord } from "../../ports/kafka.ts";

/** Kept for callers that come to a record later; twice as much at most. Past it a message is built again. */
export const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** Counted for each message beside its bytes. */
const ENTRY_BYTES = 128;

export class IdentifiedMessages {
  readonly #tag: Uint8Array;
  #young = new Map<StoredRecord, Message>();
  #old = new Map<StoredRecord, Message>();
  #youngBytes = 0;

  /** `tag` of the field that carries the id. */
  constructor(tag: Uint8Array) {
    this.#tag = tag;
  }

  of(record: StoredRecord): Message {
    const known = this.#young.get(record) ?? this.#old.get(record);
    if (known !== undefined) return known;
    const message = appendMessageId(record.value, this.#tag, record.progress);
    this.#keep(record, message);
    return message;
  }

  #keep(record: StoredRecord, message: Message): void {
    const bytes = message.length + ENTRY_BYTES;
    if (this.#youngBytes + bytes > KEPT_BYTES_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(record, message);
    this.#youngBytes += bytes;
  }
}
