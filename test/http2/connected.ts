// One connection of a client to a port on loopback, in either implementation: requests wait until it has room.
import { once } from "node:events";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { Counters } from "../../src/core/counters.ts";
import type { Status } from "../../src/core/status.ts";
import { Wheel } from "../../src/flow/wheel.ts";
import { Http2Client, type Http2ClientOptions } from "../../src/http2/client.ts";
import { ClientStream, type Waiting } from "../../src/http2/client-stream.ts";
import { httpCounters } from "../../src/http2/counters.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Http, HttpReply, HttpRequest, HttpRequests } from "../../src/ports/http.ts";

/** A request, in either implementation. */
interface Started extends HttpRequests {
  fail(status: Status): void;
}
/** A client in either, which starts the requests of its own. */
interface Client<Stream> {
  readonly room: number;
  start(stream: Stream): void;
  close(status: Status): void;
}
export interface Parts<Stream> {
  readonly stream: (request: HttpRequest, reply: HttpReply, waiting: Waiting & { left(stream: unknown): void }) => Stream;
  readonly client: (connection: Connection, options: Http2ClientOptions) => Client<Stream>;
}

const CLOSED: Status = { code: 14, message: "the test is over" };

/** Closed when the test is over. */
export const connected = async <Stream extends Started>(t: TestContext, port: number, { stream, client }: Parts<Stream>): Promise<Http> => {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const wheel = new Wheel(systemClock);
  const waiting = new Set<Stream>();
  const pump = (): void => {
    for (const each of waiting) {
      if (made.room === 0) return;
      waiting.delete(each);
      made.start(each);
    }
  };
  const made: Client<Stream> = client(
    { socket, peer: { address: "127.0.0.1", port, localAddress: "127.0.0.1", localPort: 0 } },
    {
      clock: systemClock,
      wheel,
      counters: httpCounters(new Counters(), { namespace: "test", binding: "http" }),
      address: `127.0.0.1:${port}`,
      streamsMax: 100,
      headerListBytesMax: 16_384,
      changed: () => process.nextTick(pump),
      closed() {},
      gone() {},
      threw() {},
    },
  );
  t.after(() => {
    made.close(CLOSED);
    socket.destroy();
    wheel.close();
  });
  return (request, reply) => {
    const each = stream(request, reply, { left: (left) => void waiting.delete(left as Stream) }); // Made here, and nowhere else.
    waiting.add(each);
    process.nextTick(pump);
    return each;
  };
};

/** Ours. */
export const OURS: Parts<ClientStream> = {
  stream: (...given) => new ClientStream(...given),
  client: (...given) => new Http2Client(...given),
};
