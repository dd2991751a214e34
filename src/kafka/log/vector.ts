// A place in a topic: the next offset of each partition, by index. Vectors are shared and never changed.

export type Vector = readonly number[];

/** In place of an offset: from the first record there is. */
export const EARLIEST = -2;
/** In place of an offset: from the end. */
export const LATEST = -1;
/** In place of an offset, inside the log only: the partition is not read. */
export const UNREAD = -3;

export const nextOf = (vector: Vector, partition: number): number => vector[partition] ?? UNREAD;

/** The vector with another next offset of one partition. */
export const moved = (vector: Vector, partition: number, next: number): number[] => {
  const copy = vector.slice();
  while (copy.length <= partition) copy.push(UNREAD);
  copy[partition] = next;
  return copy;
};

/** As readers see it: what is not read has not been reached. */
export const shown = (vector: number[]): Vector => {
  for (let partition = 0; partition < vector.length; partition++) if (vector[partition] === UNREAD) vector[partition] = EARLIEST;
  return vector;
};
