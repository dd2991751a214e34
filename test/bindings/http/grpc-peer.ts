// A foreign gRPC client, for tests that want to know what one makes of an answer.
import type { TestContext } from "node:test";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";

export interface GrpcAnswer {
  readonly code: number;
  readonly details: string;
  readonly message: Buffer | undefined;
}

export interface GrpcPeer {
  unary(path: string, message: Buffer): Promise<GrpcAnswer>;
}

const same = (message: Buffer): Buffer => message;

export const client = (t: TestContext, port: number): GrpcPeer => {
  const peer = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(() => peer.close());
  return {
    unary: (path, message) =>
      new Promise((done) => {
        peer.makeUnaryRequest(path, same, same, message, (error: ServiceError | null, reply?: Buffer) => {
          done({ code: error?.code ?? 0, details: error?.details ?? "", message: reply });
        });
      }),
  };
};
