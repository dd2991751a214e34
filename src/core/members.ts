// Sets and maps of what comes and goes with every call. A Set or a Map of Node makes itself anew again and again as things come and go, and
// what it was before points to what it is now: once one of those has grown old, the collector of young objects takes it for alive, and
// with it whatever they hold. Most calls would outlive their end by that, until the old objects are collected as well. These have no such past.

/** Something that can be in one Members at a time. */
export interface Member {
  /** For its Members only: where it is among the others. NOWHERE to begin with. */
  place: number;
}

/** The place of what is in none. */
export const NOWHERE = -1;

/** A set, in no order. */
export class Members<T extends Member> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** It is in none. */
  add(member: T): void {
    member.place = this.#all.length;
    this.#all.push(member);
  }

  /** Whether it was there. */
  delete(member: T): boolean {
    const { place } = member;
    if (this.#all[place] !== member) return false;
    const last = this.#all.pop();
    if (last !== undefined && last !== member) {
      this.#all[place] = last;
      last.place = place;
    }
    member.place = NOWHERE;
    return true;
  }

  /** A copy, which may be walked while members come and go. */
  all(): T[] {
    return this.#all.slice();
  }
}

/** A map, its values in no order. */
export class Registry<K, V> {
  readonly #places = new Map<K, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  set(key: K, value: V): void {
    const place = this.#places.get(key) ?? this.#take(key);
    this.#values[place] = value;
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }

  /** A copy, which may be walked while values come and go. */
  values(): V[] {
    return this.#values.filter((value) => value !== undefined);
  }

  #take(key: K): number {
    const place = this.#free.pop() ?? this.#values.length;
    this.#places.set(key, place);
    return place;
  }
}
