import { Http2Server } from "../../src/http2/server.ts";
import { httpServerContract } from "../contract/http-server.ts";
import { serving } from "./serving.ts";

httpServerContract({ name: "http2 server", serve: serving((...given) => new Http2Server(...given)) });
