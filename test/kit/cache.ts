// Where the tests keep what is costly to make and the same for every checkout: Kafka's jars, built Go tools. It lies outside the
// repository, so that nothing of it can be committed and a fresh clone finds it again.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** `$SLUICE_CACHE`, or `~/.cache/sluice`. */
export const cacheDirectory = (): string => process.env["SLUICE_CACHE"] ?? join(homedir(), ".cache", "sluice");

/**
 * The directory `name` in the cache, filled by `fill` unless it is there. It appears under its name only when it is complete, so a run
 * that is ended half way leaves nothing wrong behind, and two runs at once do not disturb each other.
 */
export const cached = async (name: string, fill: (directory: string) => Promise<void>): Promise<string> => {
  const place = join(cacheDirectory(), name);
  if (existsSync(place)) return place;
  mkdirSync(cacheDirectory(), { recursive: true });
  const draft = mkdtempSync(join(cacheDirectory(), `.${name}-`));
  try {
    await fill(draft);
    renameSync(draft, place);
  } catch (reason) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(place)) throw reason;
  }
  return place;
};
