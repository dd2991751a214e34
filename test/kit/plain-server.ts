// The plain server of test/peers, started: what it answers is the same over every layer it can be asked for.
import { fileURLToPath } from "node:url";
import { start, stop } from "./processes.ts";

export type PlainLayer = "sluice" | "node" | "bare" | "grpc-js";

export interface PlainServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("../peers/plain-http2.ts", import.meta.url));

/** Resolves when it listens. */
export const startPlainServer = async (layer: PlainLayer, nodeArgs: readonly string[] = []): Promise<PlainServer> => {
  const child = start(process.execPath, [...nodeArgs, PROGRAM, "0", layer], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((listening, failed) => {
    child.once("exit", (code) => failed(new Error(`the plain server ended with ${code}`)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const told = /listening on (\d+)/.exec(text);
      if (told) listening(Number(told[1]));
    });
  });
  return { port, pid: child.pid ?? 0, stop: async () => void (await stop(child)) };
};
