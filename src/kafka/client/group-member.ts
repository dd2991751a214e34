import type { Status } from "../../core/status.ts";
import type { ConsumeEvent, ConsumeQuery, ConsumeStart } from "../../ports/kafka.ts";
import type { Reply, Requests } from "../../ports/service.ts";
import type { ClientContext } from "./context.ts";
export class GroupMember {
  constructor(_c: ClientContext, _q: ConsumeQuery, _to: { reply: Reply<ConsumeEvent, ConsumeStart>; left(m: GroupMember): void }) {}
  start(): Requests<never> {
    throw new Error("x");
  }
  get open(): boolean {
    return false;
  }
  async stop(_s: Status): Promise<void> {}
}
