// Who is played against whom: a client made of frames, and h2's, against our server, the one on node:http2, and h2's; our client and the
// one on node:http2 against a server made of frames. Seeds are the same for all, and so is what must be seen.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Dice } from "../differential/dice.ts";
import { LAYER_NAMES, type LayerName, listenHttp2 } from "../http2-layers.ts";
import { run, start, stop } from "../processes.ts";
import { pythonWithHttp2 } from "../python.ts";
import { playCalls } from "./calls.ts";
import { type Played, type PlayedOn, playConnection } from "./client.ts";
import { connectHttp2 } from "./layer-clients.ts";
import { listenResponder } from "./responder.ts";
import { comparedService } from "./service.ts";

export interface Round {
  readonly name: string;
  /** Plays that many connections, from a seed on. */
  play(first: number, connections: number): Promise<Played>;
}

const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PYTHON_TIMEOUT_MS = 1_800_000;

const playAll = async (first: number, connections: number, one: (seed: number) => Promise<Played>): Promise<Played> => {
  let exchanges = 0;
  const faults: string[] = [];
  for (let seed = first; seed < first + connections; seed++) {
    const played = await one(seed);
    exchanges += played.exchanges;
    faults.push(...played.faults);
  }
  return { exchanges, faults };
};

const framesAgainst = (layer: LayerName): Round => ({
  name: `frames against the server ${layer}`,
  async play(first, connections) {
    const { port, close } = await listenHttp2(layer, comparedService);
    const on: PlayedOn = { port, resets: layer !== "node" };
    const played = await playAll(first, connections, (seed) => playConnection(on, seed));
    await close();
    return played;
  },
});

const framesAgainstH2: Round = {
  name: "frames against the server h2",
  async play(first, connections) {
    const child = start(await pythonWithHttp2(), [scriptOf("server.py")], { stdio: ["pipe", "pipe", "inherit"] });
    if (child.stdout === null) throw new Error("its output is not to be had");
    const [told] = await once(child.stdout.setEncoding("utf8"), "data");
    const port = Number(/listening on (\d+)/.exec(String(told))?.[1]);
    const played = await playAll(first, connections, (seed) => playConnection({ port, resets: true }, seed));
    await stop(child);
    return played;
  },
};

const h2Against = (layer: LayerName): Round => ({
  name: `the client h2 against the server ${layer}`,
  async play(first, connections) {
    const { port, close } = await listenHttp2(layer, comparedService);
    const args = [scriptOf("client.py"), String(port), String(first), String(connections)];
    const { code, stdout, stderr } = await run(await pythonWithHttp2(), { args, timeoutMs: PYTHON_TIMEOUT_MS });
    await close();
    if (code !== 0) throw new Error(`the client h2 ended with ${code}\n${stderr}`);
    const lines = stdout.toString().trim().split("\n");
    return { exchanges: Number(lines.pop()?.split(" ")[1]), faults: lines };
  },
});

const clientAgainstFrames = (layer: LayerName): Round => ({
  name: `the client ${layer} against frames`,
  async play(first, connections) {
    let dice = new Dice(first);
    const server = await listenResponder(() => dice);
    const played = await playAll(first, connections, async (seed) => {
      dice = new Dice(seed);
      const { http, close } = await connectHttp2(layer, server.port);
      const one = await playCalls(http, seed);
      close();
      return one;
    });
    server.close();
    return played;
  },
});

export const ROUNDS: readonly Round[] = [
  ...LAYER_NAMES.map(framesAgainst),
  framesAgainstH2,
  ...LAYER_NAMES.map(h2Against),
  ...LAYER_NAMES.map(clientAgainstFrames),
];
