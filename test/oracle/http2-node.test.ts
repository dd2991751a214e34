// The contract that our HTTP/2 is held to, asked of Node's own: what it asks for is what another implementation does as well.
import { httpClientContract } from "../contract/http-client.ts";
import { httpServerContract } from "../contract/http-server.ts";
import { connected } from "../http2/connected.ts";
import { serving } from "../http2/serving.ts";
import { Http2Client } from "../peers/node-http2/client.ts";
import { ClientStream } from "../peers/node-http2/client-stream.ts";
import { Http2Server } from "../peers/node-http2/server.ts";

httpServerContract({ name: "node:http2 server", serve: serving((...given) => new Http2Server(...given)) });
httpClientContract({
  name: "node:http2 client",
  client: (t, port) =>
    connected<ClientStream>(t, port, {
      stream: (...given) => new ClientStream(...given),
      client: (...given) => new Http2Client(...given),
    }),
});
