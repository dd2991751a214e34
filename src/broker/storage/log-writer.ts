// The growing end of a log: what was appended and is not durable yet, and the commit that makes it so. When the disk refuses, all of that
// is taken back at once, so that the log goes on from what is durable as soon as the disk does.
import { BrokerError } from "../broker-error.ts";
import type { BatchFacts } from "./batch-facts.ts";
import { reasonText } from "./disk.ts";
import { writeIndexFile } from "./index-file.ts";
import type { LogConfig } from "./log-config.ts";
import type { LogParts, Trouble } from "./log-parts.ts";
import type { LogState } from "./log-state.ts";
import type { ProducerEntry } from "./producers.ts";
import { SEGMENT_OFFSETS_MAX, Segment } from "./segment.ts";
import type { HeldBatch, Tail } from "./tail.ts";

/** A batch with its offsets set, and its producer as it is afterwards. */
export interface Pending extends HeldBatch {
  readonly entry?: ProducerEntry;
}

/** `always`: what is committed was synced. `later`: it was written; a sync comes by the clock. */
export type SyncMode = "always" | "later";

export interface WriterOf {
  readonly parts: LogParts;
  readonly state: LogState;
  readonly tail: Tail;
  readonly trouble: Trouble;
  readonly sync: SyncMode;
  readonly config: () => LogConfig;
  /** Bytes of the newest segment that its index file tells of. */
  readonly indexedBytes: number;
}

export class LogWriter {
  readonly #of: WriterOf;
  #pending: Pending[] = [];
  /** Producers as they are after what is pending. */
  readonly #producers = new Map<number, ProducerEntry>();
  /** After the last batch, durable or not. */
  endOffset: number;
  /** The file may have bytes after its durable ones. */
  #torn = false;
  /** Committed bytes at the end of the file that were not synced. */
  #unsynced = 0;
  /** A sync failed: what it should have written may have been dropped from the system's memory. */
  #doubtful = false;
  #indexedBytes: number;

  constructor(of: WriterOf) {
    this.#of = of;
    this.endOffset = of.state.endOffset;
    this.#indexedBytes = of.indexedBytes;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  get unsyncedBytes(): number {
    return this.#unsynced;
  }

  producer(id: number): ProducerEntry | undefined {
    return this.#producers.get(id) ?? this.#of.state.producers.get(id);
  }

  append(pending: Pending): void {
    this.#pending.push(pending);
    if (pending.entry) this.#producers.set(pending.entry.producerId, pending.entry);
    this.endOffset = pending.facts.lastOffset + 1;
  }

  /** Makes a run of what is pending durable. Throws a BrokerError after having taken back all that is pending. */
  async commit(): Promise<void> {
    if (this.#pending.length === 0) return;
    let run: Pending[];
    try {
      if (this.#isRollDue(this.#pending[0]!.facts)) await this.roll();
      await this.#repair();
      run = this.#run();
      await this.#write(run);
    } catch (reason) {
      this.takeBack();
      this.#of.trouble.say("a log could not be written", { reason: reasonText(reason) });
      throw new BrokerError("KAFKA_STORAGE_ERROR", "the log could not be written");
    }
    this.#landed(run);
  }

  /** What the newest segment has is told by its index file, and a new one is begun. */
  async roll(): Promise<void> {
    const { parts, state } = this.#of;
    await this.#repair();
    await this.#sync();
    const old = state.active;
    await writeIndexFile(parts.disk, old, state.producers.values());
    const segment = new Segment({ folder: parts.folder, baseOffset: state.endOffset, createdMs: parts.clock.now() });
    await (await parts.disk.open(segment.path, "empty")).close();
    await parts.disk.syncFolder(parts.folder);
    old.sealed = true;
    state.roll(segment);
    this.#indexedBytes = 0;
  }

  /** After this, what was committed is durable. */
  async sync(): Promise<void> {
    try {
      await this.#sync();
    } catch (reason) {
      this.#of.trouble.say("a log could not be synced: what was written last would be lost in a power cut", { reason: reasonText(reason) });
    }
  }

  /** Writes the index file of the newest segment, so that a start need not read what it tells of. */
  async checkpoint(): Promise<void> {
    const { parts, state } = this.#of;
    const segment = state.active;
    if (segment.size === this.#indexedBytes) return;
    await this.#sync();
    await writeIndexFile(parts.disk, segment, state.producers.values());
    this.#indexedBytes = segment.size;
  }

  async #repair(): Promise<void> {
    if (!this.#torn) return;
    const { parts, state } = this.#of;
    await parts.files.use(state.active, async (file) => {
      await file.truncate(state.active.size);
      await file.sync();
    });
    this.#torn = false;
  }

  #isRollDue(first: BatchFacts): boolean {
    const { state, config, parts } = this.#of;
    const { size, baseOffset, firstTimestamp = -1, createdMs } = state.active;
    if (size === 0) return false;
    const { segmentBytes, segmentMs: ageMsMax, cleanup, compactionLagMsMax } = config();
    const segmentMs = cleanup.compact ? Math.min(ageMsMax, compactionLagMsMax) : ageMsMax;
    const ageMs = firstTimestamp < 0 ? parts.clock.now() - createdMs : first.maxTimestamp - firstTimestamp;
    return size + first.bytes > segmentBytes || ageMs > segmentMs || first.lastOffset - baseOffset > SEGMENT_OFFSETS_MAX;
  }

  /** What one commit writes: to one segment, and not more than may be torn, unless it is one batch. */
  #run(): Pending[] {
    const { state, config, parts } = this.#of;
    const room = Math.min(parts.unsyncedBytesMax - this.#unsynced, config().segmentBytes - state.active.size);
    let bytes = 0;
    let count = 0;
    for (const { facts } of this.#pending) {
      bytes += facts.bytes;
      if (count > 0 && (bytes > room || this.#isRollDue(facts))) break;
      count++;
    }
    return this.#pending.slice(0, count);
  }

  async #write(run: readonly Pending[]): Promise<void> {
    const { parts, state, sync } = this.#of;
    const bytes = run.reduce((sum, { facts }) => sum + facts.bytes, 0);
    if (this.#unsynced + bytes > parts.unsyncedBytesMax) await this.#sync();
    await parts.files.use(state.active, async (file) => {
      this.#torn = true;
      const pieces = run.map((batch) => batch.bytes);
      if (sync === "always") await file.writeThrough(pieces, state.active.size);
      else {
        await file.write(pieces, state.active.size);
        this.#unsynced += bytes;
      }
      this.#torn = false;
    });
  }

  #landed(run: readonly Pending[]): void {
    const { state, tail } = this.#of;
    this.#pending.splice(0, run.length);
    for (const { facts, bytes, entry } of run) {
      state.add(state.active, facts, bytes);
      tail.add({ facts, bytes });
      if (entry && this.#producers.get(entry.producerId) === entry) this.#producers.delete(entry.producerId);
    }
  }

  /** Forgets all that is not durable. */
  takeBack(): void {
    this.#pending = [];
    this.#producers.clear();
    this.endOffset = this.#of.state.endOffset;
  }

  async #sync(): Promise<void> {
    if (this.#unsynced === 0) return;
    const { parts, state } = this.#of;
    const from = state.active.size - this.#unsynced;
    await parts.files.use(state.active, async (file) => {
      if (this.#doubtful) await rewrite(file, from, this.#unsynced);
      this.#doubtful = true;
      await file.sync();
      this.#doubtful = false;
    });
    this.#unsynced = 0;
  }
}

/** After a sync that failed, the system may believe that it has written these: written again, they are new to it. */
const rewrite = async (file: Parameters<Parameters<LogParts["files"]["use"]>[1]>[0], from: number, bytes: number): Promise<void> => {
  const again = new Uint8Array(bytes);
  await file.read(again, from);
  await file.write([again], from);
};
