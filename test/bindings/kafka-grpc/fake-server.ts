// A gRPC server for tests: keeps what it is asked, and answers as a test tells it to.
import type { Status } from "../../../src/core/status.ts";
import type { Call, Grpc, GrpcReply, GrpcRequests, Message } from "../../../src/ports/grpc.ts";
import type { Batch } from "../../../src/ports/service.ts";
import { strict } from "../../kit/strict.ts";

/** One call as the server sees it. */
export class ServedCall implements GrpcRequests {
  readonly call: Call;
  readonly reply: GrpcReply;
  readonly messages: Message[] = [];
  halfClosed = false;
  cancelled: Status | undefined;
  /** It has been answered. */
  ended = false;
  /** Takes no more messages than the one that comes, until `reply.ready`. */
  slow = false;
  /** How often the replies were asked for again. */
  asked = 0;
  readonly #server: FakeServer;

  constructor(server: FakeServer, call: Call, reply: GrpcReply) {
    this.#server = server;
    this.call = call;
    this.reply = {
      headers: (metadata) => reply.headers(metadata),
      write: (batch) => reply.write(batch),
      end: (status, trailers) => {
        this.ended = true;
        reply.end(status, trailers);
      },
      ready: () => reply.ready(),
    };
  }
  write(batch: Batch<Message>): boolean {
    this.messages.push(...batch);
    this.#server.onMessages(this);
    return !this.slow;
  }
  end(): void {
    this.halfClosed = true;
    // Never at once: a server is behind a socket.
    setImmediate(() => {
      if (this.cancelled === undefined && !this.ended) this.#server.onHalfClose(this);
    });
  }
  cancel(status: Status): void {
    this.cancelled = status;
  }
  ready(): void {
    this.asked += 1;
  }
}

export class FakeServer {
  readonly calls: ServedCall[] = [];
  /** May throw: then the call is refused. */
  onCall: (call: ServedCall) => void = () => {};
  onMessages: (call: ServedCall) => void = () => {};
  onHalfClose: (call: ServedCall) => void = () => {};

  readonly grpc: Grpc = strict((call, reply) => {
    const served = new ServedCall(this, call, reply);
    this.onCall(served);
    this.calls.push(served);
    return served;
  });

  /** The only call there was. */
  get only(): ServedCall {
    const [only] = this.calls;
    if (only === undefined || this.calls.length > 1) throw new Error(`there were ${this.calls.length} calls`);
    return only;
  }
}
