import { httpClientContract } from "../contract/http-client.ts";
import { connected, OURS } from "./connected.ts";

httpClientContract({ name: "http2 client", client: (t, port) => connected(t, port, OURS) });
