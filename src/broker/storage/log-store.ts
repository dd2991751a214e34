// All logs of a folder: `<topic>-<partition>` each, with the topic's id inside, so that a topic made anew never finds the records of the
// old one. A lock keeps a second broker out; a mark of a clean stop lets the next start tell what it is about.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import { readChecked, writeChecked } from "./checked-file.ts";
import { Committer, type Fsync } from "./committer.ts";
import { type Disk, reasonText, unlinkIfThere } from "./disk.ts";
import { LOGS_OPENED_AT_ONCE, OPEN_FILES_MAX, TAIL_BYTES_MAX, UNSYNCED_BYTES_MAX } from "./limits.ts";
import { lock, type Processes } from "./lock.ts";
import type { LogConfig } from "./log-config.ts";
import type { StorageParts } from "./log-parts.ts";
import { OpenFiles } from "./open-files.ts";
import { PartitionLog } from "./partition-log.ts";
import { TailMemory } from "./tail.ts";
import { Gate } from "./turns.ts";
import { Upkeep, type UpkeepTimes } from "./upkeep.ts";

export interface LogStoreOptions {
  readonly disk: Disk;
  /** Made when it is not there. */
  readonly folder: string;
  readonly fsync: Fsync;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody else can have the disk. */
  readonly processes?: Processes;
  readonly upkeep?: UpkeepTimes;
  readonly limits?: { readonly openFiles?: number; readonly tailBytes?: number; readonly unsyncedBytes?: number };
}

/** Which log. */
export interface LogId {
  readonly topic: string;
  /** A UUID, as the wire's reader gives it. */
  readonly topicId: string;
  readonly partition: number;
}

const CLEAN_FILE = "clean-stop";
const TOPIC_FILE = "topic";
/** As Apache Kafka has them; nothing else may become a path. */
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;
const SEGMENT_ENDING = ".log";
const GOING = /-delete$/;
const LOG_FOLDER = /^(.+)-(\d+)$/;
/** Names of folders have 255 bytes at most. */
const NAME_BYTES_MAX = 200;

const folderNameOf = ({ topic, partition }: LogId): string => `${topic}-${partition}`;
const keyOf = (id: LogId): string => `${id.topicId} ${folderNameOf(id)}`;
/** As Apache Kafka names what is no longer a log. */
const otherName = (name: string, why: "delete" | "stray"): string =>
  `${name.slice(0, NAME_BYTES_MAX)}.${crypto.randomUUID().replaceAll("-", "")}-${why}`;

export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #parts: StorageParts;
  readonly #committer: Committer;
  readonly #upkeep: Upkeep;
  readonly #unlock: () => Promise<void>;
  /** By topic id, topic and partition. */
  readonly #logs = new Map<string, PartitionLog>();
  readonly #gate = new Gate(LOGS_OPENED_AT_ONCE);
  readonly #opening = new Map<string, Promise<PartitionLog>>();
  readonly #deletions = new Set<Promise<void>>();

  /** Rejects with a LockedError when another broker has the folder. */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const { disk, folder, processes, log, fsync } = options;
    await disk.makeFolder(folder);
    const unlock = processes ? await lock(disk, folder, processes) : async () => {};
    try {
      const names = await disk.list(folder);
      const isKnown = names.some((name) => LOG_FOLDER.test(name));
      if (isKnown && !names.includes(CLEAN_FILE))
        log.warn("the broker was not stopped cleanly: what was written last is checked", { folder });
      await unlinkIfThere(disk, `${folder}/${CLEAN_FILE}`);
      await disk.syncFolder(folder);
      if (fsync !== "always")
        log.info("a power cut may lose records that were acknowledged shortly before", { withinMs: fsync.intervalMs });
      const store = new LogStore(options, unlock);
      for (const name of names.filter((found) => GOING.test(found))) store.#remove(`${folder}/${name}`);
      return store;
    } catch (reason) {
      await unlock();
      throw reason;
    }
  }

  private constructor(options: LogStoreOptions, unlock: () => Promise<void>) {
    const { disk, clock, log, fsync, limits = {} } = options;
    this.#options = options;
    this.#unlock = unlock;
    this.#committer = new Committer(fsync, clock);
    this.#parts = {
      disk,
      clock,
      log,
      files: new OpenFiles(disk, limits.openFiles ?? OPEN_FILES_MAX),
      tail: new TailMemory(limits.tailBytes ?? TAIL_BYTES_MAX),
      unsyncedBytesMax: limits.unsyncedBytes ?? UNSYNCED_BYTES_MAX,
    };
    this.#upkeep = new Upkeep(() => this.#logs.values(), clock, options.upkeep);
  }

  /** Those that are open. */
  logs(): Iterable<PartitionLog> {
    return this.#logs.values();
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** All logs in the folder, open or not. */
  async list(): Promise<readonly LogId[]> {
    const { disk, folder } = this.#options;
    const found: LogId[] = [];
    for (const name of await disk.list(folder)) {
      const match = LOG_FOLDER.exec(name);
      if (!match || GOING.test(name)) continue;
      const topicId = await this.#topicIdIn(`${folder}/${name}`).catch((reason: unknown) => {
        this.#options.log.error("a log is left out", { partition: name, reason: reasonText(reason) });
        return undefined;
      });
      if (topicId !== undefined) found.push({ topic: match[1]!, topicId, partition: Number(match[2]) });
    }
    return found;
  }

  /**
   * The log, made when it is not there. Rejects with KAFKA_STORAGE_ERROR when it cannot be read: others are not concerned, and it may be
   * tried again. What belongs to an older topic of the same name is deleted.
   */
  async log(id: LogId, config: LogConfig): Promise<PartitionLog> {
    if (!TOPIC_NAME.test(id.topic)) throw new BrokerError("INVALID_TOPIC_EXCEPTION", "the topic's name is not valid");
    const key = keyOf(id);
    const known = this.#logs.get(key);
    if (known) return known;
    const opening = this.#opening.get(key) ?? this.#gate.pass(() => this.#openLog(id, config)).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #openLog(id: LogId, config: LogConfig): Promise<PartitionLog> {
    const name = folderNameOf(id);
    const folder = `${this.#options.folder}/${name}`;
    try {
      await this.#prepare(id, folder);
      const opened = await PartitionLog.open({ parts: { ...this.#parts, name, folder }, config, committer: this.#committer });
      this.#logs.set(keyOf(id), opened);
      return opened;
    } catch (reason) {
      this.#options.log.error("a log could not be opened", { partition: name, reason: reasonText(reason) });
      throw new BrokerError("KAFKA_STORAGE_ERROR", "the log could not be opened");
    }
  }

  /** Its folder has another name when this is answered, and is removed later, also after a stop in between. */
  async delete(id: LogId): Promise<void> {
    const { folder } = this.#options;
    const key = keyOf(id);
    await this.#opening.get(key)?.catch(() => {}); // Whoever asked for it has heard.
    const log = this.#logs.get(key);
    this.#logs.delete(key);
    await log?.abandon();
    const name = folderNameOf(id);
    const path = `${folder}/${name}`;
    if ((await this.#topicIdIn(path)) === id.topicId) await this.#discard(path, name);
  }

  /** Whether nothing was ever written to it. */
  async isBlank(id: LogId): Promise<boolean> {
    const { disk, folder } = this.#options;
    const path = `${folder}/${folderNameOf(id)}`;
    for (const name of await disk.list(path)) {
      if (!name.endsWith(SEGMENT_ENDING)) continue;
      const file = await disk.open(`${path}/${name}`, "existing");
      const bytes = await file.size().finally(() => file.close());
      if (bytes > 0) return false;
    }
    return true;
  }

  /** For a log that was not opened: its folder gets another name, which this answers, and nobody here looks at it any more. */
  async setAside(id: LogId): Promise<string> {
    const { disk, folder } = this.#options;
    const name = folderNameOf(id);
    const aside = `${folder}/${otherName(name, "stray")}`;
    await disk.rename(`${folder}/${name}`, aside);
    await disk.syncFolder(folder);
    return aside;
  }

  /** Makes everything durable. */
  async close(): Promise<void> {
    const { disk, folder } = this.#options;
    await this.#upkeep.close();
    try {
      for (const log of this.#logs.values()) await log.close();
      await Promise.all(this.#deletions);
      await this.#parts.files.closeAll();
      await writeChecked(disk, `${folder}/${CLEAN_FILE}`, { stoppedMs: this.#options.clock.now() });
    } finally {
      this.#committer.close();
      await this.#unlock();
    }
  }

  /** The folder is there, with the topic's id in it. */
  async #prepare({ topicId }: LogId, path: string): Promise<void> {
    const { disk, folder } = this.#options;
    const names = await disk.list(folder);
    const name = path.slice(folder.length + 1);
    if (names.includes(name)) {
      const found = await this.#topicIdIn(path);
      if (found === topicId) return;
      // The id is written before anything else: without it there is nothing, or damage.
      if (found === undefined && (await disk.list(path)).some((file) => file.endsWith(SEGMENT_ENDING)))
        throw new Error(`${path} has lost its topic id`);
      await this.#discard(path, name);
    } else if ((await this.#topicIdIn(path)) !== undefined) {
      throw new Error(`${path} is another topic's: this disk does not tell capitals apart`);
    }
    await disk.makeFolder(path);
    await writeChecked(disk, `${path}/${TOPIC_FILE}`, { topicId });
    await disk.syncFolder(folder);
  }

  async #topicIdIn(path: string): Promise<string | undefined> {
    const read = await readChecked<{ readonly topicId: string }>(this.#options.disk, `${path}/${TOPIC_FILE}`);
    if (read.kind === "broken") throw new Error(`${path}/${TOPIC_FILE} is damaged`);
    return read.kind === "found" ? read.facts.topicId : undefined;
  }

  async #discard(path: string, name: string): Promise<void> {
    const { disk, folder } = this.#options;
    const going = `${folder}/${otherName(name, "delete")}`;
    await disk.rename(path, going);
    await disk.syncFolder(folder);
    this.#remove(going);
  }

  #remove(path: string): void {
    const { disk, log } = this.#options;
    const removal = removeFolder(disk, path)
      .catch((reason: unknown) => log.warn("a deleted log could not be removed yet", { folder: path, reason: reasonText(reason) }))
      .finally(() => this.#deletions.delete(removal));
    this.#deletions.add(removal);
  }
}

const removeFolder = async (disk: Disk, path: string): Promise<void> => {
  for (const name of await disk.list(path)) await disk.unlink(`${path}/${name}`);
  await disk.removeFolder(path);
};
