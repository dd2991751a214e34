// A gRPC library's own echo server as a process: the server behind the proxy, and the peer that our echo is measured beside.
import { startBackend } from "../test/kit/backend.ts";

const { port } = await startBackend();
process.stdout.write(`${port}\n`);
