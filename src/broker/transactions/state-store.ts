// Where the coordinator remembers: a durable map, such as a StateLog of the storage.

export interface StateStore {
  /** Settles when it is durable. */
  put(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}
