// What a call's replies look like on the reply topic: their headers and the order of them, which are the original's, and then ours where
// they are needed.
import type { Status } from "../../core/status.ts";
import { attemptHeader, initialHeader } from "../../exchange/extensions.ts";
import { statusHeaders } from "../../exchange/final.ts";
import { metadataHeaders } from "../../exchange/metadata.ts";
import type { Metadata } from "../../ports/grpc.ts";
import type { ProducedRecord, RecordHeader, RecordHeaders } from "../../ports/kafka.ts";

/** Which call is answered. */
export interface RepliesOf {
  /** The name of the correlation id's header. */
  readonly header: string;
  readonly id: Uint8Array;
  /** Which run of the call this is, where there may have been another; see ATTEMPT_HEADER. */
  readonly attempt?: string;
}

const NONE: Metadata = [];

export class ReplyRecords {
  readonly #of: RepliesOf;
  readonly #correlation: RecordHeader;
  readonly #ours: RecordHeaders;
  #initial: RecordHeaders = [];
  #values: RecordHeaders | undefined;

  constructor(of: RepliesOf) {
    this.#of = of;
    this.#correlation = { name: of.header, value: of.id };
    this.#ours = of.attempt === undefined ? [] : [attemptHeader(of.attempt)];
  }

  /** The server's initial metadata: on every value, as the original has it. */
  initial(metadata: Metadata): void {
    this.#initial = metadataHeaders(metadata);
    this.#values = undefined;
  }

  value(value: Uint8Array): ProducedRecord {
    this.#values ??= [this.#correlation, ...this.#initial, ...this.#ours];
    return { key: this.#of.id, value, headers: this.#values };
  }

  /** `alone`: no value came before it, so it carries the initial metadata as well, and says where they end if trailers follow. */
  final(status: Status, { trailers = NONE, alone }: { readonly trailers?: Metadata | undefined; readonly alone: boolean }): ProducedRecord {
    const last = metadataHeaders(trailers);
    const initial = alone ? this.#initial : [];
    const split = alone && last.length > 0 ? [initialHeader(initial.length)] : [];
    const headers = [this.#correlation, ...statusHeaders(status), ...initial, ...last, ...split, ...this.#ours];
    return { key: this.#of.id, value: null, headers };
  }

  /** The least that ends the call. */
  bare(status: Status): ProducedRecord {
    return { key: this.#of.id, value: null, headers: [this.#correlation, ...statusHeaders(status), ...this.#ours] };
  }
}
