// A request's body on its way to a service: chunks in, messages out, and what is wrong with them ends the call.
import { fail, type Status } from "../../core/status.ts";
import type { Message } from "../../ports/grpc.ts";
import type { HttpRequests } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import type { Accepted } from "./accept.ts";
import type { GrpcLimits } from "./config.ts";
import { Cutter, inBatches } from "./cutter.ts";
import type { ServerCall } from "./server-call.ts";
import { Base64Body } from "./web.ts";

export class ServerRequests implements HttpRequests {
  readonly #call: ServerCall;
  readonly #cutter: Cutter;
  readonly #base64: Base64Body | undefined;
  /** The method takes exactly one message. */
  readonly #single: boolean;
  #messages = 0;

  constructor(call: ServerCall, { form, call: { descriptor }, encoding }: Accepted, limits: GrpcLimits) {
    this.#call = call;
    this.#cutter = new Cutter(encoding, limits);
    this.#base64 = form.web === "text" ? new Base64Body() : undefined;
    this.#single = descriptor?.requestStream === false;
  }

  write(chunks: Batch<Uint8Array>): boolean {
    const call = this.#call;
    if (call.over) return true;
    const messages: Message[] = [];
    try {
      for (const chunk of chunks) this.#cutter.cut(this.#base64 ? this.#base64.decode(chunk) : chunk, messages);
      this.#count(messages.length);
    } catch (reason) {
      call.broken(reason);
      return true;
    }
    if (messages.length > 0) inBatches(messages, (batch) => call.inlet.write(batch));
    return !call.paused;
  }

  end(): void {
    const call = this.#call;
    if (call.over) return;
    try {
      this.#base64?.end();
      this.#cutter.end();
      if (this.#single && this.#messages === 0) throw fail("UNIMPLEMENTED", "the method takes one request message, but none came");
    } catch (reason) {
      call.broken(reason);
      return;
    }
    call.inlet.end();
  }

  cancel(status: Status): void {
    this.#call.left(status);
  }

  ready(): void {
    this.#call.inlet.repliesReady();
  }

  #count(messages: number): void {
    this.#messages += messages;
    if (this.#single && this.#messages > 1) throw fail("UNIMPLEMENTED", "the method takes one request message, but more came");
  }
}
