// Keeps the binding a member of its group: joins again when a membership ends with an error, and leaves when the binding drains.
import type { Status } from "../../core/status.ts";
import { type Deadline, NO_DEADLINE } from "../../flow/wheel.ts";
import { Membership, type MembershipOptions } from "./membership.ts";
import { JOIN_PAUSES, pauseMs } from "./pauses.ts";
import { later } from "./shared.ts";
import { Trouble } from "./trouble.ts";

export type ConsumerOptions = Omit<MembershipOptions, "joined" | "ended">;

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #trouble: Trouble;
  #membership: Membership | undefined;
  /** The group has taken this membership. */
  #joined = false;
  #failures = 0;
  #pause: Deadline = NO_DEADLINE;
  #limit: Deadline = NO_DEADLINE;
  #drained: (() => void) | undefined;
  #over = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#trouble = new Trouble(options.shared, options.query.group);
    options.places.freed = () => this.#freed();
  }

  start(): void {
    this.#joined = false;
    const membership = new Membership({
      ...this.#options,
      joined: () => {
        this.#joined = true;
        this.#failures = 0;
        this.#trouble.joined();
      },
      ended: (status) => this.#ended(status),
    });
    this.#membership = membership;
    membership.join();
  }

  /** Begins nothing new; settles when what runs has ended, or at `untilMs`, and the group has been left. */
  drain(untilMs: number): Promise<void> {
    const { places, shared } = this.#options;
    places.close();
    return new Promise((drained) => {
      this.#drained = drained;
      this.#limit = later(shared, untilMs, () => this.close());
      this.#freed();
    });
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.places.close();
    this.#pause.cancel();
    this.#limit.cancel();
    this.#membership?.leave();
    this.#drained?.();
  }

  #freed(): void {
    this.#membership?.freed();
    if (this.#drained !== undefined && this.#options.places.taken === 0) this.close();
  }

  /** Never in silence: a group that cannot be joined is a server that gets no calls. */
  #ended(status: Status): void {
    const { shared } = this.#options;
    this.#membership = undefined;
    if (this.#over) return;
    this.#failures += 1;
    const againMs = Math.round(pauseMs(JOIN_PAUSES, this.#failures, shared.random));
    if (this.#joined) this.#trouble.left(status, againMs);
    else this.#trouble.refused(status);
    this.#pause = later(shared, shared.clock.now() + againMs, () => this.start());
  }
}
