// Records as kcat sees them: a foreign reader and writer (librdkafka) that shares no code with us, byte for byte.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOrFail } from "./processes.ts";

/** A record read by kcat; `undefined` is Kafka's null. */
export interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  /** In order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface KcatRead {
  readonly bootstrap: string;
  readonly topic: string;
  /** Waits until there are so many; without it, reads what is there now. */
  readonly count?: number;
  readonly timeoutMs?: number;
}

// Lengths first, then the bytes; kcat has no length for headers, so they come last and a line end closes them.
const FORMAT = "%p %o %T %K %S\\n%k%s%h\\n";

/** kcat joins headers with commas and does not escape: a comma parts two only where a name of ours, or a plain one, follows it. */
const parseHeaders = (text: string): [string, string][] => {
  if (text === "") return [];
  return text.split(/,(?=[A-Za-z0-9:_-]+=)/).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
};

const parseRecords = (output: Buffer): KcatRecord[] => {
  const records: KcatRecord[] = [];
  let at = 0;
  while (at < output.length) {
    const head = output.indexOf(10, at);
    const [partition = 0, offset = 0, timestampMs = 0, keyLength = -1, valueLength = -1] = output
      .toString("latin1", at, head)
      .split(" ")
      .map(Number);
    const keyEnd = head + 1 + Math.max(keyLength, 0);
    const valueEnd = keyEnd + Math.max(valueLength, 0);
    const end = output.indexOf(10, valueEnd);
    const key = keyLength < 0 ? undefined : output.subarray(head + 1, keyEnd);
    const value = valueLength < 0 ? undefined : output.subarray(keyEnd, valueEnd);
    records.push({ partition, offset, timestampMs, key, value, headers: parseHeaders(output.toString("utf8", valueEnd, end)) });
    at = end + 1;
  }
  return records;
};

/** All records of a topic, by partition and offset. */
export const readTopic = async ({ bootstrap, topic, count, timeoutMs }: KcatRead): Promise<KcatRecord[]> => {
  const until = count === undefined ? ["-e"] : ["-c", String(count)];
  const args = ["-C", "-q", "-b", bootstrap, "-t", topic, "-o", "beginning", ...until, "-f", FORMAT];
  const output = await runOrFail("kcat", { args, timeoutMs: timeoutMs ?? 30_000 });
  return parseRecords(output).sort((a, b) => a.partition - b.partition || a.offset - b.offset);
};

export interface KcatWrite {
  readonly bootstrap: string;
  readonly topic: string;
  readonly key?: string;
  /** Undefined writes a null value. */
  readonly value: Uint8Array | undefined;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly partition?: number;
}

/** Between key and value, where kcat reads both from its input. */
const KEY_END = "\t";

/**
 * Writes one record. kcat skips an empty message unless it reads key and value from lines; anything else goes by a file, which it
 * sends whole, line ends and all.
 */
export const writeRecord = async ({ bootstrap, topic, key, value, headers = [], partition }: KcatWrite): Promise<void> => {
  const args = ["-P", "-b", bootstrap, "-t", topic];
  if (partition !== undefined) args.push("-p", String(partition));
  for (const [name, text] of headers) args.push("-H", `${name}=${text}`);
  if (value === undefined || value.length === 0) {
    const nulls = value === undefined ? ["-Z"] : [];
    await runOrFail("kcat", { args: [...args, "-K", KEY_END, ...nulls], input: `${key ?? ""}${KEY_END}\n` });
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "sluice-kcat-"));
  const file = join(directory, "value");
  try {
    writeFileSync(file, value);
    await runOrFail("kcat", { args: [...args, ...(key === undefined ? [] : ["-k", key]), file] });
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** Between values on kcat's input; no value may hold it. */
const VALUE_END = ";";

/** Writes many records without key or headers, as fast as kcat can. */
export const writeValues = async (to: Pick<KcatWrite, "bootstrap" | "topic">, values: readonly Uint8Array[]): Promise<void> => {
  const input = Buffer.concat(values.flatMap((value) => [value, Buffer.from(VALUE_END)]));
  await runOrFail("kcat", { args: ["-P", "-b", to.bootstrap, "-t", to.topic, "-D", VALUE_END], input });
};
