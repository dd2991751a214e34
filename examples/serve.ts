// What the examples' gRPC servers share: read a proto, listen, say so, end with Ctrl-C. A program of its own would do the same in place.
import { fileURLToPath } from "node:url";
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** What to serve. */
export interface Served {
  /** Of the proto file. */
  readonly proto: URL;
  /** With its package: `grpc.examples.echo.Echo`. */
  readonly service: string;
  readonly implementation: UntypedServiceImplementation;
}

/** Listens on `127.0.0.1:port`, 0 for a free one; resolves with the server and its port. */
export const listen = ({ proto, service, implementation }: Served, port: number): Promise<{ server: Server; port: number }> => {
  const definition = loadPackageDefinition(loadSync(fileURLToPath(proto), { keepCase: true, longs: Number, defaults: true }));
  const found = service.split(".").reduce<unknown>((within, name) => (within as Record<string, unknown>)[name], definition);
  const server = new Server();
  server.addService((found as ServiceClientConstructor).service, implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve({ server, port: bound }),
    );
  });
};

/** For the file that was started itself: `node server.ts [PORT]`. */
export const serve = async (served: Served, defaultPort: number): Promise<void> => {
  const { server, port } = await listen(served, Number(process.argv[2] ?? defaultPort));
  console.log(`${served.service} answers on 127.0.0.1:${port}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.forceShutdown());
};
