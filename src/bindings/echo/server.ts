// `type: echo, kind: server`: sends back what it receives, in order, and ends when the input ends.
import { OK } from "../../core/status.ts";
import type { ConnectionHandler } from "../../ports/connection.ts";
import type { Grpc } from "../../ports/grpc.ts";
import type { Http, HttpRequest, HttpResponse } from "../../ports/http.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";
import type { Binding } from "../binding.ts";
import { type EchoServerConfig, server as part } from "./config.ts";

export const server: Binding<EchoServerConfig> = {
  type: part.type,
  kind: part.kind,
  serves: ["grpc", "http", "connection"],
  parse: part.parse,
  bind: () => ({ ports: { grpc: echoGrpc, http: echoHttp, connection: echoConnection } }),
};

/** Each message back. */
export const echoGrpc: Grpc = (_call, reply) => new Echo(reply);

/** The body back, as what it was. */
export const echoHttp: Http = (request, reply) => new Echo(reply, responseOf(request));

const responseOf = ({ headers }: HttpRequest): HttpResponse => ({
  status: 200,
  headers: headers.filter(([name]) => name === "content-type"),
});

/** The bytes back. Back pressure and the half-close are the pipe's; a broken socket ends it. */
export const echoConnection: ConnectionHandler = ({ socket }) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
};

/** Says on one side what it hears on the other. */
class Echo<T, Meta> implements Requests<T> {
  readonly #reply: Reply<T, Meta>;
  #headers: Meta | undefined;

  constructor(reply: Reply<T, Meta>, headers?: Meta) {
    this.#reply = reply;
    this.#headers = headers;
  }
  write(batch: Batch<T>): boolean {
    this.#begin();
    return this.#reply.write(batch);
  }
  end(): void {
    this.#begin();
    this.#reply.end(OK);
  }
  cancel(): void {}
  ready(): void {
    this.#reply.ready();
  }

  #begin(): void {
    if (this.#headers === undefined) return;
    this.#reply.headers(this.#headers);
    this.#headers = undefined;
  }
}
