// A mistake as data: one piece of the whole configuration is changed, and exactly one sentence at one place comes of it.

export interface Broken {
  readonly says: string;
  /** What of the whole configuration is replaced. */
  readonly from: string;
  readonly to: string;
  /** The piece of the changed text at which the mistake stands; the replacement itself without it. */
  readonly at?: string;
  readonly message: string;
}
