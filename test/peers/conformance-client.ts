// Our gRPC client as the conformance suite's client under test: calls come on standard input, what became of them goes to standard output.
// Every call has a connection of its own. What a client library adds to the port is added here: that a method with one reply has one.

import { calling } from "../../src/bindings/grpc/client-call.ts";
import { GRPC_LIMITS } from "../../src/bindings/grpc/config.ts";
import { systemClock } from "../../src/core/clock.ts";
import { CANCELLED, Code, type Status, StatusError } from "../../src/core/status.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import type { Call, Grpc, GrpcRequests, Metadata } from "../../src/ports/grpc.ts";
import { decodeAs, delimited, encodeAs, messagesOf } from "../kit/conformance-messages.ts";
import { connectHttp2 } from "../kit/random-http2/layer-clients.ts";

interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

interface Asked {
  readonly testName: string;
  readonly port: number;
  readonly serverTlsCert?: Uint8Array;
  readonly clientTlsCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
  readonly messageReceiveLimit?: number;
  readonly service?: string;
  readonly method?: string;
  readonly streamType?: number;
  readonly requestHeaders: readonly Header[];
  readonly requestMessages: readonly { readonly value?: Uint8Array }[];
  readonly timeoutMs?: number;
  readonly requestDelayMs?: number;
  readonly cancel?: { readonly beforeCloseSend?: object; readonly afterCloseSendMs?: number; readonly afterNumResponses?: number };
}

const StreamType = { UNARY: 1, CLIENT_STREAM: 2, SERVER_STREAM: 3, HALF_DUPLEX: 4, FULL_DUPLEX: 5 } as const;
const SERVICE = "connectrpc.conformance.v1.ConformanceService";
const DETAILS = "grpc-status-details-bin";

const wheel = new Wheel(systemClock);
const after = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));

const headersOf = (metadata: Metadata): Header[] => {
  const headers = new Map<string, string[]>();
  for (const [name, value] of metadata) headers.set(name, [...(headers.get(name) ?? []), value]);
  return [...headers].map(([name, value]) => ({ name, value }));
};

const payloadOf = (message: Uint8Array): Uint8Array | undefined => {
  try {
    return decodeAs<{ payload?: Uint8Array }>("Answer", message).payload ?? new Uint8Array(0);
  } catch {
    return undefined;
  }
};

/** A call under way, as its caller sees it. */
class Running {
  readonly #asked: Asked;
  readonly #requests: GrpcRequests;
  readonly #payloads: Uint8Array[] = [];
  #headers: Metadata = [];
  #trailers: Metadata = [];
  #status: Status | undefined;
  #replies = 0;
  #unsent: number;
  #changed: (() => void)[] = [];

  constructor(asked: Asked, grpc: Grpc, call: Call) {
    this.#asked = asked;
    this.#unsent = asked.requestMessages.length;
    this.#requests = grpc(call, {
      headers: (metadata) => {
        this.#headers = metadata;
      },
      write: (batch) => {
        for (const message of batch) this.#reply(message);
        return true;
      },
      end: (status, trailers = []) => this.#end(status, trailers),
      ready: () => {},
    });
  }

  /** Says what is to be said, and waits for the end. */
  async run(): Promise<Buffer> {
    const { requestMessages, requestDelayMs = 0, streamType, cancel } = this.#asked;
    for (const [at, { value = new Uint8Array(0) }] of requestMessages.entries()) {
      if (requestDelayMs > 0) await after(requestDelayMs);
      if (this.#status) break;
      this.#requests.write([value]);
      this.#unsent -= 1;
      if (streamType === StreamType.FULL_DUPLEX) await this.#until(() => this.#replies > at);
    }
    if (!this.#status) await this.#close(cancel);
    await this.#until(() => false);
    return this.#result();
  }

  async #close(cancel: Asked["cancel"]): Promise<void> {
    if (cancel?.beforeCloseSend) {
      this.#cancel();
      return;
    }
    this.#requests.end();
    if (cancel === undefined || cancel.afterNumResponses !== undefined) return;
    await after(cancel.afterCloseSendMs ?? 0);
    this.#cancel();
  }

  #reply(message: Uint8Array): void {
    if (this.#status) return;
    const payload = payloadOf(message);
    if (payload === undefined) {
      this.#requests.cancel(CANCELLED);
      this.#end({ code: Code.INTERNAL, message: "a reply cannot be decoded" }, []);
      return;
    }
    this.#payloads.push(payload);
    this.#replies += 1;
    if (this.#replies === this.#asked.cancel?.afterNumResponses) this.#cancel();
    this.#tell();
  }

  #cancel(): void {
    if (this.#status) return;
    this.#requests.cancel(CANCELLED);
    this.#end(CANCELLED, []);
  }

  #end(status: Status, trailers: Metadata): void {
    if (this.#status) return;
    const { streamType } = this.#asked;
    const single = streamType === StreamType.UNARY || streamType === StreamType.CLIENT_STREAM;
    const miscounted = single && status.code === Code.OK && this.#replies !== 1;
    this.#status = miscounted ? { code: Code.UNIMPLEMENTED, message: `${this.#replies} replies instead of one` } : status;
    this.#trailers = trailers;
    if (single && this.#status.code !== Code.OK) this.#payloads.length = 0;
    this.#tell();
  }

  #result(): Buffer {
    const { code, message } = this.#status ?? CANCELLED;
    const coded = this.#trailers.find(([name]) => name === DETAILS)?.[1];
    const { details = [] } = coded === undefined ? {} : decodeAs<{ details?: object[] }>("Details", Buffer.from(coded, "base64"));
    return encodeAs("ClientCompatResponse", {
      testName: this.#asked.testName,
      response: {
        responseHeaders: headersOf(this.#headers),
        payloads: this.#payloads,
        responseTrailers: headersOf(this.#trailers.filter(([name]) => name !== DETAILS)),
        numUnsentRequests: this.#unsent,
        ...(code === Code.OK ? {} : { error: { code, message, details } }),
      },
    });
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!this.#status && !holds()) await new Promise<void>((come) => this.#changed.push(come));
  }
  #tell(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const come of waiting) come();
  }
}

const callOf = ({ service = SERVICE, method = "", port, serverTlsCert, requestHeaders, timeoutMs }: Asked): Call => ({
  service,
  method,
  scheme: serverTlsCert?.length ? "https" : "http",
  authority: `127.0.0.1:${port}`,
  metadata: requestHeaders.flatMap(({ name, value }) => value.map((each) => [name.toLowerCase(), each] as const)),
  deadlineMs: timeoutMs === undefined ? Number.POSITIVE_INFINITY : systemClock.now() + timeoutMs,
});

const answerTo = async (asked: Asked): Promise<Buffer> => {
  const { serverTlsCert, clientTlsCreds, messageReceiveLimit } = asked;
  const ours = clientTlsCreds ? { cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) } : {};
  const tls = serverTlsCert?.length ? { ca: Buffer.from(serverTlsCert), ...ours } : undefined;
  const { http, close } = await connectHttp2("sluice", asked.port, tls);
  const limits = messageReceiveLimit ? { messageBytes: messageReceiveLimit, decompressedMessageBytes: messageReceiveLimit } : {};
  const grpc = calling(http, { clock: systemClock, wheel, limits: { ...GRPC_LIMITS, ...limits }, dropped() {} });
  try {
    return await new Running(asked, grpc, callOf(asked)).run();
  } finally {
    close();
  }
};

const failed = ({ testName }: Asked, reason: unknown): Buffer =>
  encodeAs("ClientCompatResponse", { testName, error: { message: StatusError.from(reason).status.message } });

const running: Promise<unknown>[] = [];
for await (const message of messagesOf(process.stdin)) {
  const asked = decodeAs<Asked>("ClientCompatRequest", Buffer.from(message));
  running.push(
    answerTo(asked)
      .catch((reason: unknown) => failed(asked, reason))
      .then((answer) => process.stdout.write(delimited(answer))),
  );
}
await Promise.all(running);
wheel.close();
