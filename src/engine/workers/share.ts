// Which part of the replies a process reads, of those routes that ask for no more than its own (`replies: own`). Nobody has to know of anybody
// else: a process finds its replies because it draws ids that lead there, so any choice is right, and the choice only spreads the work.
import type { Share } from "../../ports/kafka.ts";

/** A process reads about one in so many partitions of the replies, or fewer where there are more workers than this. */
export const SHARES = 8;

/**
 * The workers of one engine read different parts, as long as there are enough partitions; `turn` tells engines apart that know nothing of each
 * other, such as those on other hosts: any number from 0 up to SHARES.
 */
export const shareOf = (worker: { readonly number: number; readonly of: number }, turn: number): Share => {
  const of = Math.max(worker.of, SHARES);
  return { index: (worker.number - 1 + turn) % of, of };
};
