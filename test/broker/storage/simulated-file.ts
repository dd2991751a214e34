// The bytes of a file on the simulated disk: those that would be read now, those that are on the platter, and what lies between.
import type { Random } from "./random.ts";

export const SECTOR_BYTES = 512;

type Change =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly size: number };

/** Bytes that grow. */
class Content {
  #bytes = new Uint8Array(0);
  size = 0;

  static of(other: Content): Content {
    const content = new Content();
    content.write(other.bytes, 0);
    return content;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  cut(size: number): void {
    if (size > this.size) this.write(new Uint8Array(size - this.size), this.size);
    this.#bytes.fill(0, size);
    this.size = size;
  }
}

export class SimulatedFile {
  #now = new Content();
  #lasting = new Content();
  #changes: Change[] = [];

  get size(): number {
    return this.#now.size;
  }

  get bytes(): Uint8Array {
    return this.#now.bytes;
  }

  /** All of it survives a power cut. */
  get isLasting(): boolean {
    return this.#changes.length === 0;
  }

  write(bytes: Uint8Array, position: number): void {
    const kept = bytes.slice();
    this.#now.write(kept, position);
    this.#changes.push({ kind: "write", position, bytes: kept });
  }

  cut(size: number): void {
    this.#now.cut(size);
    this.#changes.push({ kind: "cut", size });
  }

  /** A sync begins; what it covers lasts once `end` is called. */
  beginSync(): { end(): void } {
    const covered = this.#changes.length;
    return {
      end: () => {
        for (const change of this.#changes.splice(0, Math.min(covered, this.#changes.length))) apply(this.#lasting, change);
      },
    };
  }

  flip(bit: number): void {
    for (const content of [this.#now, this.#lasting]) if (bit >> 3 < content.size) content.bytes[bit >> 3]! ^= 1 << (bit & 7);
  }

  /** What is left after a power cut. */
  afterCut(random: Random): SimulatedFile {
    const file = new SimulatedFile();
    const content = Content.of(this.#lasting);
    const way = random.pick(["none", "all", "first", "sectors", "sectors"] as const);
    const stop = random.below(this.#changes.length + 1);
    for (const [at, change] of this.#changes.entries()) {
      if (way === "all" || (way === "first" && at < stop)) apply(content, change);
      else if (way === "first" && at === stop && change.kind === "write") applySectors(content, change, random);
      else if (way === "sectors" && change.kind === "write") applySectors(content, change, random);
      else if (way === "sectors" && random.chance(0.5)) apply(content, change);
    }
    file.#lasting = content;
    file.#now = Content.of(content);
    return file;
  }
}

const apply = (content: Content, change: Change): void => {
  if (change.kind === "write") content.write(change.bytes, change.position);
  else content.cut(change.size);
};

/** Some of the sectors of a write; the others keep what they had, or are zeros or rubbish where the file grew. */
const applySectors = (
  content: Content,
  { position, bytes }: { readonly position: number; readonly bytes: Uint8Array },
  random: Random,
): void => {
  const before = content.size;
  const rubbish = random.chance(0.2);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    const isKept = random.chance(0.5);
    const isRubbish = rubbish && position + at >= before && random.chance(0.5);
    if (isKept) content.write(bytes.subarray(at, end), position + at);
    else if (isRubbish)
      content.write(
        Uint8Array.from({ length: end - at }, () => random.below(256)),
        position + at,
      );
    at = end;
  }
};
