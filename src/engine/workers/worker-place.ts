// Where a worker process stands among those that serve the same ports.

/** By binding (`namespace:name`), the ports of its listeners in their order. */
export type ChosenPorts = Readonly<Record<string, readonly number[]>>;

export interface WorkerPlace {
  /** From 1; the first says of the whole engine that it has started and stopped. */
  readonly number: number;
  /** No other worker has listened yet: a port that is in use is another program's. */
  readonly first: boolean;
  /** What the first worker was given where the file says 0. */
  readonly chosen: ChosenPorts;
  listens(binding: string, at: number, port: number): void;
}
