// The state machine of a share partition (KIP-932): records are given to one member at a time, for as long as its lock holds; what is done
// with is never given again, what comes back is, but not too often. Without I/O: what is to be kept is asked of it, and time is given.
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";
import { availableRun, changedAll, changedEach, doneRun, joined, lengthOf, NEVER, type Part, type Run, runsIn, type Span } from "./runs.ts";

/** As clients number what became of records. */
export const ACKNOWLEDGE = { gap: 0, accept: 1, release: 2, reject: 3, renew: 4 } as const;

/** What became of some offsets: one type for all, or one for each. */
export interface AcknowledgedBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly acknowledgeTypes: readonly number[];
}

/** As it is kept: where it begins, how much after that is done, and what is known of single offsets. */
export interface ShareSnapshot {
  readonly start: number;
  readonly done: number;
  readonly runs: readonly (readonly [first: number, last: number, deliveries: number, state: "available" | "done"])[];
}

export interface ReadBatch extends Span {
  /** Nobody is to see it. */
  readonly isHidden: boolean;
}

export interface Acquiring {
  readonly member: string;
  /** That were read, in order. */
  readonly batches: readonly ReadBatch[];
  /** Records; `whole`: batches are not cut, so it may be more. */
  readonly most: number;
  readonly cut: "whole" | "strict";
  /** How many offsets are told together where they may be; not fewer than a batch. */
  readonly batchSize: number;
  readonly untilMs: number;
  /** Between the first that is not done and the last that was given. */
  readonly inFlightMax: number;
}

export interface Acquired extends Span {
  readonly deliveries: number;
}

export interface Refused {
  readonly error: KafkaErrorName;
  readonly message: string;
}

/** What becomes of acknowledged offsets. */
export interface Terms {
  readonly deliveriesMax: number;
  /** Of those that are renewed. */
  readonly untilMs: number;
}

const returned = (run: Run, deliveriesMax: number): Run =>
  run.deliveries >= deliveriesMax ? doneRun(run, run.deliveries) : availableRun(run, run.deliveries);

/** As they were kept. */
export const runsOf = (kept: ShareSnapshot["runs"]): readonly Run[] =>
  joined(
    [],
    kept.map(([first, last, deliveries, state]) => (state === "done" ? doneRun : availableRun)({ first, last }, deliveries)),
  );

export class SharePartition {
  #start: number;
  #runs: readonly Run[] = [];

  constructor({ start, runs }: Pick<ShareSnapshot, "start" | "runs">) {
    this.#start = start;
    this.#runs = runsOf(runs);
    this.advance();
  }

  /** The first offset that is not done. */
  get start(): number {
    return this.#start;
  }
  /** After the last offset that was ever given. */
  get end(): number {
    return (this.#runs.at(-1)?.last ?? this.#start - 1) + 1;
  }
  /** The first offset that can be given. */
  get next(): number {
    return this.#runs.find(({ state }) => state === "available")?.first ?? this.end;
  }
  /** When the first lock ends, in monotonic time. */
  get dueMs(): number {
    return this.#runs.reduce((least, { untilMs }) => Math.min(least, untilMs), NEVER);
  }

  snapshot(): ShareSnapshot {
    const done = this.#runs.filter(({ state }) => state === "done").reduce((sum, run) => sum + lengthOf(run), 0);
    const runs = this.#runs.map(
      ({ first, last, deliveries, state }) => [first, last, deliveries, state === "done" ? "done" : "available"] as const,
    );
    return { start: this.#start, done, runs };
  }

  /** What is done at the beginning is forgotten. */
  advance(): void {
    let at = 0;
    for (let run = this.#runs[at]; run?.state === "done"; run = this.#runs[at]) {
      this.#start = run.last + 1;
      at += 1;
    }
    if (at > 0) this.#runs = this.#runs.slice(at);
  }

  /** The log begins there now. */
  trim(logStart: number): void {
    if (logStart <= this.#start) return;
    this.#runs = runsIn(this.#runs, { first: logStart, last: NEVER });
    this.#start = logStart;
    this.advance();
  }

  /** Gives what can be given of some batches, together with what was given of them before and came back. */
  acquire(asked: Acquiring): readonly Acquired[] {
    const acquired: Acquired[] = [];
    let left = asked.most;
    for (const batch of asked.batches) {
      if (left <= 0) break;
      this.#grow(batch, asked);
      if (batch.first >= this.end) break; // There is no room for more.
      const most = asked.cut === "strict" ? left : NEVER;
      for (const part of this.#take({ first: batch.first, last: batch.last }, most, asked)) {
        left -= lengthOf(part);
        tell(acquired, part, asked.batchSize);
      }
    }
    this.advance();
    return acquired;
  }

  /** All of it, or nothing. Undefined: it was done; the next snapshot has it, and then is the time to `advance`. */
  acknowledge(member: string, batches: readonly AcknowledgedBatch[], terms: Terms): Refused | undefined {
    const concerned = batches.filter(({ lastOffset }) => lastOffset >= this.#start);
    if (concerned.length > 0 && this.#runs.length === 0) return { error: "INVALID_RECORD_STATE", message: "nothing is given" };
    const beyond = concerned.findIndex(({ lastOffset }) => lastOffset >= this.end);
    const parts = (beyond < 0 ? concerned : concerned.slice(0, beyond)).flatMap(partsOf);
    let refusal: Refused | undefined = overlapIn(parts);
    const runs = changedEach(this.#runs, parts, (run, type) => {
      refusal ??= refusalOf(run, member);
      return acknowledgedRun(run, type, terms);
    });
    if (refusal) return refusal;
    if (beyond >= 0) return { error: "INVALID_REQUEST", message: `offset ${concerned[beyond]?.lastOffset} was never given` };
    this.#runs = runs;
    return undefined;
  }

  /** What the member has comes back. Whether it had any. */
  release(member: string, deliveriesMax: number): boolean {
    return this.#return((run) => run.member === member, deliveriesMax);
  }

  /** What was not acknowledged in time comes back. Whether there was any. */
  expire(nowMs: number, deliveriesMax: number): boolean {
    return this.#return((run) => run.untilMs <= nowMs, deliveriesMax);
  }

  #return(comesBack: (run: Run) => boolean, deliveriesMax: number): boolean {
    const isConcerned = (run: Run): boolean => run.state === "acquired" && comesBack(run);
    if (!this.#runs.some(isConcerned)) return false;
    this.#runs = changedAll(this.#runs, (run) => (isConcerned(run) ? returned(run, deliveriesMax) : run));
    return true;
  }

  /** New offsets, up to the end of the batch; those between batches are of nobody. */
  #grow({ first, last, isHidden }: ReadBatch, { inFlightMax, cut, most }: Acquiring): void {
    const { end } = this;
    const room = inFlightMax - (end - this.#start);
    if (last < end || room <= 0) return;
    const begin = Math.max(first, end);
    const isWhole = isHidden || (cut === "whole" && last - begin < inFlightMax); // What is known of offsets has a bound.
    const until = isWhole ? last : Math.min(last, begin + Math.min(room, cut === "strict" ? most : room) - 1);
    const gap = begin > end ? [doneRun({ first: end, last: begin - 1 }, 0)] : [];
    this.#runs = joined(this.#runs, [...gap, (isHidden ? doneRun : availableRun)({ first: begin, last: until }, 0)]);
  }

  /** What is available of a span becomes the member's, as many as `most`. */
  #take(span: Span, most: number, { member, untilMs }: Acquiring): readonly Acquired[] {
    const taken: Acquired[] = [];
    let left = most;
    for (const { first, last, deliveries, state } of runsIn(this.#runs, span)) {
      if (left <= 0) break;
      if (state !== "available") continue;
      const part = { first, last: Math.min(last, first + left - 1), deliveries: deliveries + 1 };
      left -= lengthOf(part);
      taken.push(part);
    }
    const parts = taken.map(({ first, last }): Part => ({ span: { first, last }, type: ACKNOWLEDGE.gap }));
    this.#runs = changedEach(this.#runs, parts, (run) => ({ ...run, deliveries: run.deliveries + 1, state: "acquired", member, untilMs }));
    return taken;
  }
}

const refusalOf = ({ first, state, member: owner }: Run, member: string): Refused | undefined => {
  if (state !== "acquired") return { error: "INVALID_RECORD_STATE", message: `offset ${first} is not acquired` };
  return owner === member ? undefined : { error: "INVALID_RECORD_STATE", message: `offset ${first} is another member's` };
};

/** What one batch ends with and the next begins with was acknowledged already. */
const overlapIn = (parts: readonly Part[]): Refused | undefined => {
  const at = parts.findIndex(({ span }, index) => index > 0 && span.first <= (parts[index - 1]?.span.last ?? -1));
  return at < 0 ? undefined : { error: "INVALID_RECORD_STATE", message: `offset ${parts[at]?.span.first} is acknowledged twice` };
};

const acknowledgedRun = (run: Run, type: number, { deliveriesMax, untilMs }: Terms): Run => {
  if (type === ACKNOWLEDGE.renew) return { ...run, untilMs };
  return type === ACKNOWLEDGE.release ? returned(run, deliveriesMax) : doneRun(run, run.deliveries);
};

/** Neighbours of one type together. */
const partsOf = ({
  firstOffset,
  lastOffset,
  acknowledgeTypes,
}: AcknowledgedBatch): readonly { readonly span: Span; readonly type: number }[] => {
  const [only = ACKNOWLEDGE.gap] = acknowledgeTypes;
  if (acknowledgeTypes.length <= 1) return [{ span: { first: firstOffset, last: lastOffset }, type: only }];
  const parts: { span: Span; readonly type: number }[] = [];
  for (const [at, type] of acknowledgeTypes.entries()) {
    const last = parts.at(-1);
    if (last?.type === type) last.span = { ...last.span, last: firstOffset + at };
    else parts.push({ span: { first: firstOffset + at, last: firstOffset + at }, type });
  }
  return parts;
};

/** What follows what was told before, is like it, and does not make it too large, is told with it. */
const tell = (acquired: Acquired[], part: Acquired, batchSize: number): void => {
  const last = acquired.at(-1);
  const follows = last && last.last + 1 === part.first && last.deliveries === part.deliveries && lengthOf(last) < batchSize;
  if (last && follows) acquired[acquired.length - 1] = { ...last, last: part.last };
  else acquired.push(part);
};
