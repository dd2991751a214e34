// Share sessions (KIP-932): which partitions a member reads, so that it need not say so each time, and in which order its requests come. A
// session ends with its connection.

import { BrokerError } from "../broker-error.ts";
import type { Client } from "../network/client.ts";

/** A partition of a topic, by its id. */
export interface ShareTarget {
  readonly topicId: string;
  readonly partition: number;
}

export const targetKey = ({ topicId, partition }: ShareTarget): string => `${topicId}/${partition}`;

export interface ShareSession {
  readonly group: string;
  readonly member: string;
  /** In the order in which they are read; whoever was read from goes to the end. */
  readonly targets: Map<string, ShareTarget>;
  /** What the next request must say. */
  epoch: number;
  isOver: boolean;
}

/** Epochs of a session that begins, and of one that is to end. */
export const BEGINS = 0;
export const ENDS = -1;
const EPOCH_MAX = 0x7fffffff;

const keyOf = (group: string, member: string): string => JSON.stringify([group, member]);

export class ShareSessions {
  readonly #sessions = new Map<string, ShareSession>();
  readonly #most: () => number;
  readonly #ended: (session: ShareSession) => void;

  /** `ended` is called with each session that is over, however it came to that. */
  constructor(most: () => number, ended: (session: ShareSession) => void) {
    this.#most = most;
    this.#ended = ended;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** In place of one that the member may have. Throws SHARE_SESSION_LIMIT_REACHED. */
  begin(group: string, member: string, client: Client): ShareSession {
    const key = keyOf(group, member);
    const before = this.#sessions.get(key);
    if (before) before.isOver = true;
    else if (this.#sessions.size >= this.#most()) throw new BrokerError("SHARE_SESSION_LIMIT_REACHED");
    const session: ShareSession = { group, member, targets: new Map(), epoch: 1, isOver: false };
    this.#sessions.set(key, session);
    client.onClosed(() => this.end(session));
    return session;
  }

  /** The session that a request goes on with. Throws SHARE_SESSION_NOT_FOUND or INVALID_SHARE_SESSION_EPOCH. */
  next(group: string, member: string, epoch: number): ShareSession {
    const session = this.#sessions.get(keyOf(group, member));
    if (!session) throw new BrokerError("SHARE_SESSION_NOT_FOUND");
    if (epoch === ENDS) return session;
    if (epoch !== session.epoch)
      throw new BrokerError("INVALID_SHARE_SESSION_EPOCH", `the session is at epoch ${session.epoch}, not ${epoch}`);
    session.epoch = epoch === EPOCH_MAX ? 1 : epoch + 1;
    return session;
  }

  end(session: ShareSession): void {
    if (session.isOver) return;
    session.isOver = true;
    this.#sessions.delete(keyOf(session.group, session.member));
    this.#ended(session);
  }
}
