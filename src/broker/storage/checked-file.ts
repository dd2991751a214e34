// Small files of facts that people can read and a flipped bit cannot change unseen: one line of JSON, one line with its checksum.
import { text, utf8 } from "../../core/bytes.ts";
import { crc32c } from "../../kafka/wire/crc32c.ts";
import { type Disk, readFile, writeFileWhole } from "./disk.ts";

/** `broken`: there is a file, and it is not what was written. */
export type CheckedRead<T> = { readonly kind: "found"; readonly facts: T } | { readonly kind: "missing" | "broken" };

const sumOf = (line: string): string => crc32c(utf8(line)).toString(16).padStart(8, "0");

export const writeChecked = async (disk: Disk, path: string, facts: object): Promise<void> => {
  const line = JSON.stringify(facts);
  await writeFileWhole(disk, path, utf8(`${line}\n${sumOf(line)}\n`));
};

/** Of a file that `writeChecked` has written with facts of this type. */
export const readChecked = async <T extends object>(disk: Disk, path: string): Promise<CheckedRead<T>> => {
  const bytes = await readFile(disk, path);
  if (!bytes) return { kind: "missing" };
  const [line = "", sum] = text(bytes).split("\n");
  if (sum !== sumOf(line)) return { kind: "broken" };
  return { kind: "found", facts: JSON.parse(line) as T }; // The checksum is right.
};
