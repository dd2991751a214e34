// Keeps the binding a member of its group: joins again when a membership ends with an error, and leaves when the binding drains.
import type { Status } from "../../core/status.ts";
import { codeName } from "../../core/status.ts";
import { type Deadline, NO_DEADLINE } from "../../flow/wheel.ts";
import { Membership, type MembershipOptions } from "./membership.ts";
import { JOIN_PAUSES, pauseMs } from "./pauses.ts";
import { later } from "./shared.ts";

export type ConsumerOptions = Omit<MembershipOptions, "joined" | "ended">;

export class Consumer {
  readonly #options: ConsumerOptions;
  #membership: Membership | undefined;
  #failures = 0;
  #pause: Deadline = NO_DEADLINE;
  #limit: Deadline = NO_DEADLINE;
  #drained: (() => void) | undefined;
  #over = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    options.places.freed = () => this.#freed();
  }

  start(): void {
    const membership = new Membership({
      ...this.#options,
      joined: () => {
        this.#failures = 0;
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
  #ended({ code, message }: Status): void {
    const { shared, query } = this.#options;
    this.#membership = undefined;
    if (this.#over) return;
    this.#failures += 1;
    const againMs = Math.round(pauseMs(JOIN_PAUSES, this.#failures, shared.random));
    shared.log.warn("no longer a member of the group", {
      binding: shared.binding,
      group: query.group,
      status: codeName(code),
      why: message,
      againMs,
    });
    shared.tally.event("group.left", `no longer a member of group ${query.group}: ${message}`);
    this.#pause = later(shared, shared.clock.now() + againMs, () => this.start());
  }
}
