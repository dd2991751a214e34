// How an example is checked: in a copy of its folder, on free ports, with its topics and the server it needs, every command of its
// README is run and must print what the README says.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../test/kit/ports.ts";
import { parseReadme, replaceAll, runDocumented } from "../test/kit/readme.ts";
import { type Sluice, startSluice } from "../test/kit/sluice.ts";
import { tool } from "../test/kit/tools.ts";
import { createTopics, deleteTopics, listTopics } from "../test/kit/topics.ts";
import { listen, type Served } from "./serve.ts";

/** What an example needs to run. */
export interface Example {
  readonly folder: URL;
  /** Those of its zilla.yaml. */
  readonly ports: readonly number[];
  readonly topics?: readonly string[];
  /** The gRPC server behind it; `<variable>_HOST` and `<variable>_PORT` name it. */
  readonly server?: { readonly served: Served; readonly variable: string };
  readonly environment?: Readonly<Record<string, string>>;
  /** Done in the copied folder before anything is started. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** More to be checked when the README has been followed. */
  readonly verify?: (of: Followed) => Promise<void>;
}

/** An example in use. */
export interface Followed {
  readonly directory: string;
  readonly bootstrap: string;
  readonly sluice: Sluice;
  /** The port that stands for one of zilla.yaml's. */
  readonly port: (documented: number) => number;
}

export const nameOf = ({ folder }: Example): string => basename(fileURLToPath(folder));

/** A copy of its folder whose zilla.yaml listens on other ports; nothing else is changed. */
const copyOf = (example: Example, ports: ReadonlyMap<number, number>): string => {
  const directory = mkdtempSync(join(tmpdir(), `sluice-${nameOf(example)}-`));
  cpSync(fileURLToPath(example.folder), directory, { recursive: true });
  const config = join(directory, "zilla.yaml");
  const replace = new Map([...ports].map(([from, to]) => [String(from), String(to)]));
  writeFileSync(config, replaceAll(readFileSync(config, "utf8"), replace));
  return directory;
};

type Cleanup = () => unknown;

/** Starts an example whole; whatever happens, `undo` then ends all of it. */
const startExample = async (example: Example, bootstrap: string, undo: Cleanup[]): Promise<Followed> => {
  const free = await freePorts(example.ports.length);
  const ports = new Map(example.ports.map((port, at) => [port, free[at] ?? 0]));
  const directory = copyOf(example, ports);
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  await example.prepare?.(directory);
  const { topics = [], server } = example;
  if (topics.length > 0) {
    const taken = (await listTopics(bootstrap)).filter((topic) => topics.includes(topic));
    if (taken.length > 0) throw new Error(`${nameOf(example)} needs fresh topics, but Kafka has ${taken.join(" and ")} already`);
    await createTopics(bootstrap, Object.fromEntries(topics.map((topic) => [topic, 1])));
    undo.push(() => deleteTopics(bootstrap, topics));
  }
  const environment: Record<string, string> = { KAFKA_BOOTSTRAP_SERVER: bootstrap, ...example.environment };
  if (server) {
    const listening = await listen(server.served, 0);
    undo.push(() => listening.server.forceShutdown());
    Object.assign(environment, { [`${server.variable}_HOST`]: "127.0.0.1", [`${server.variable}_PORT`]: String(listening.port) });
  }
  const sluice = await startSluice({ config: join(directory, "zilla.yaml"), environment, workers: "default" });
  undo.push(() => sluice.kill());
  return { directory, bootstrap, sluice, port: (documented) => ports.get(documented) ?? documented };
};

const followReadme = async (example: Example, { directory, bootstrap, port }: Followed): Promise<void> => {
  const tools = join(await tool("grpcurl"), "..");
  const replace = new Map([
    ["127.0.0.1:9092", bootstrap],
    ...example.ports.map((of) => [`127.0.0.1:${of}`, `127.0.0.1:${port(of)}`] as const),
  ]);
  const text = readFileSync(join(directory, "README.md"), "utf8");
  for (const documented of parseReadme(text)) {
    const different = await runDocumented(documented, { directory, tools, replace });
    if (different !== undefined) throw new Error(`${nameOf(example)}/README.md ${different}`);
  }
};

/** Does what the README says, compares, and ends everything; rejects with the first difference. */
export const followExample = async (example: Example, bootstrap: string): Promise<void> => {
  const undo: Cleanup[] = [];
  try {
    const followed = await startExample(example, bootstrap, undo);
    await followReadme(example, followed);
    await example.verify?.(followed);
    const status = await followed.sluice.stop();
    if (status !== 0) throw new Error(`sluice ended with ${status}\n${followed.sluice.log()}`);
  } finally {
    for (const step of undo.reverse()) await step();
  }
};
