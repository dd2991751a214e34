// A caller that notes what it is told, and foreign servers of HTTP/2 to call.
import { once } from "node:events";
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createListener, type Server } from "node:net";
import type { TestContext } from "node:test";
import type { Status } from "../../src/core/status.ts";
import type { Http, HttpReply, HttpRequest, HttpRequests, HttpResponse } from "../../src/ports/http.ts";
import { ACK, END_HEADERS, FrameType, frame, headerBlock, RawPeer, settingsFrame, uint32 } from "./frames.ts";
import { strict } from "./strict.ts";

/** A caller that notes what it is told. */
export class Caller implements HttpReply {
  readonly heard: string[] = [];
  head: HttpResponse | undefined;
  bytes = 0;
  keep = true;
  status: Status | undefined;
  last: HttpResponse | undefined;
  /** What `write` returns. */
  welcome = true;
  readonly #chunks: Uint8Array[] = [];
  #notify = (): void => {};

  /** What was written while `keep` was set. */
  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  headers(meta: HttpResponse): void {
    this.head = meta;
    this.#note("headers");
  }
  write(batch: readonly Uint8Array[]): boolean {
    for (const chunk of batch) {
      if (this.keep) this.#chunks.push(chunk);
      this.bytes += chunk.length;
    }
    this.#note("write");
    return this.welcome;
  }
  end(status: Status, trailers?: HttpResponse): void {
    this.status = status;
    this.last = trailers;
    this.#note("end");
  }
  ready(): void {
    this.#note("ready");
  }
  async until(what: string): Promise<void> {
    while (!this.heard.includes(what))
      await new Promise<void>((done) => {
        this.#notify = done;
      });
  }
  #note(what: string): void {
    if (what !== "write" || this.heard.at(-1) !== "write") this.heard.push(what);
    this.#notify();
  }
}

export const REQUEST: HttpRequest = {
  method: "POST",
  scheme: "http",
  authority: "",
  path: "/p?q",
  headers: [],
  peer: { address: "", port: 0, localAddress: "", localPort: 0 },
};

export const callTo = (
  service: Http,
  port: number,
  request: Partial<HttpRequest> = {},
): { readonly caller: Caller; readonly requests: HttpRequests } => {
  const caller = new Caller();
  return { caller, requests: strict(service)({ ...REQUEST, authority: `127.0.0.1:${port}`, ...request }, caller) };
};

const listeningOn = async (t: TestContext, server: Server | Http2Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port; // Listening on tcp.
};

/** A foreign server; its sessions end with the test. */
export const foreign = (
  t: TestContext,
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]) => void,
  settings = {},
): Promise<number> => {
  const server = createServer({ settings });
  server.on("stream", (stream, headers, _flags, raw: string[]) => {
    stream.on("error", () => {});
    answer(stream, headers, raw);
  });
  server.on("session", (session) => {
    session.on("error", () => {});
    t.after(() => session.destroy());
  });
  return listeningOn(t, server);
};

/** A server that does as it is told, frame by frame; `peer` is the first that connects. */
export const byHand = async (t: TestContext): Promise<{ readonly port: number; readonly peers: RawPeer[]; peer(): Promise<RawPeer> }> => {
  const peers: RawPeer[] = [];
  const server = createListener((socket) => {
    t.after(() => socket.destroy());
    const peer = new RawPeer(socket, 24); // After the preface.
    peers.push(peer);
    peer.send(settingsFrame());
    peer.until(({ type, flags }) => type === FrameType.SETTINGS && flags === 0).then(() => peer.send(settingsFrame([], ACK)));
    server.emit("peer");
  });
  return {
    port: await listeningOn(t, server),
    peers,
    peer: async () => {
      if (peers.length === 0) await once(server, "peer");
      return peers[0]!;
    },
  };
};

export const responseFrame = (stream: number, flags = 0, fields: readonly (readonly [string, string])[] = [[":status", "200"]]): Buffer =>
  frame({ type: FrameType.HEADERS, flags: flags | END_HEADERS, stream }, headerBlock(fields));

export const goawayFrame = (lastStream: number, code: number): Buffer =>
  frame({ type: FrameType.GOAWAY, flags: 0, stream: 0 }, Buffer.concat([uint32(lastStream), uint32(code)]));
