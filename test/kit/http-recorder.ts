// A service that notes what it hears, and a foreign client of HTTP/2 to call it with.
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { TestContext } from "node:test";
import type { Status } from "../../src/core/status.ts";
import type { Http, HttpReply, HttpRequest, HttpRequests } from "../../src/ports/http.ts";

/** A service that does nothing by itself and notes what it hears. */
export class Recorder {
  readonly heard: string[] = [];
  reply!: HttpReply;
  request!: HttpRequest;
  bytes = 0;
  /** What `write` returns. */
  welcome = true;
  cancelledWith: Status | undefined;
  readonly #waiting: { readonly what: string; readonly found: () => void }[] = [];

  readonly service: Http = (request, reply): HttpRequests => {
    this.request = request;
    this.reply = reply;
    this.#note("open");
    return {
      write: (batch) => {
        for (const chunk of batch) this.bytes += chunk.length;
        this.#note("write");
        return this.welcome;
      },
      end: () => this.#note("end"),
      cancel: (status) => {
        this.cancelledWith = status;
        this.#note("cancel");
      },
      ready: () => this.#note("ready"),
    };
  };

  /** Settles when it has been heard, also before. */
  until(what: string): Promise<void> {
    if (this.heard.includes(what)) return Promise.resolve();
    return new Promise((found) => this.#waiting.push({ what, found }));
  }

  #note(what: string): void {
    if (what !== "write" || this.heard.at(-1) !== "write") this.heard.push(what);
    for (const { found } of this.#waiting.filter((each) => each.what === what)) found();
  }
}

export interface Call {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

export const called = (t: TestContext, port: number, headers: Record<string, string> = {}): Call => {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p?q=1", ...headers });
  stream.on("error", () => {});
  return { session, stream };
};

/** Lets everything that is due happen. */
export const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

/** The whole body as text. */
export const bodyOf = async (stream: ClientHttp2Stream): Promise<string> => {
  let body = "";
  for await (const chunk of stream) body += chunk;
  return body;
};

/** Read to its end or its reset, whichever it is. */
export const closed = async (stream: ClientHttp2Stream): Promise<void> => {
  stream.resume();
  if (!stream.destroyed) await new Promise<void>((done) => stream.once("close", done));
};

export const pinged = async (session: ClientHttp2Session): Promise<void> => {
  if (session.connecting) await once(session, "connect");
  await new Promise<void>((done, failed) => session.ping((reason) => (reason === null ? done() : failed(reason))));
};
