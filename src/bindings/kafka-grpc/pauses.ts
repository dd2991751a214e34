// How long to wait before another try: growing, bounded, and never the same for all, so that a server that comes back is not met by
// everyone at once.

export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Between attempts at a server that cannot be reached. */
export const SERVER_PAUSES: Pauses = { firstMs: 50, mostMs: 2_000 };
/** Between tries to write a final record. */
export const SETTLE_PAUSES: Pauses = { firstMs: 100, mostMs: 5_000 };
/** Between memberships of the group that ended with an error. */
export const JOIN_PAUSES: Pauses = { firstMs: 200, mostMs: 15_000 };

/** After `failures` of them (1 or more): between half and all of a span that doubles. `random` gives 0 to 1. */
export const pauseMs = ({ firstMs, mostMs }: Pauses, failures: number, random: () => number): number => {
  const spanMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return spanMs * (0.5 + random() / 2);
};
