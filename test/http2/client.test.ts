import { httpClientContract } from "../contract/http-client.ts";
import { Http2Client as NodeHttp2Client } from "../peers/node-http2/client.ts";
import { ClientStream as NodeClientStream } from "../peers/node-http2/client-stream.ts";
import { connected, OURS } from "./connected.ts";

httpClientContract({ name: "http2 client", client: (t, port) => connected(t, port, OURS) });
httpClientContract({
  name: "node:http2 client",
  client: (t, port) =>
    connected<NodeClientStream>(t, port, {
      stream: (...given) => new NodeClientStream(...given),
      client: (...given) => new NodeHttp2Client(...given),
    }),
});
