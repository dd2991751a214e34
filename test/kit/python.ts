// Pythons with packages at exact versions, each set in an environment of its own in the cache.
import { join } from "node:path";
import { cached } from "./cache.ts";
import { runOrFail } from "./processes.ts";

const CLIENTS = ["confluent-kafka==2.16.1", "aiokafka==0.14.0", "kafka-python==3.0.12"];
const HTTP2 = ["h2==4.4.1", "hpack==4.2.0", "hyperframe==6.1.0"];
const INSTALL_TIMEOUT_MS = 240_000;

const pythonWith = async (packages: readonly string[]): Promise<string> => {
  const name = `python-${packages.map((each) => each.replace("==", "-")).join("-")}`;
  const environment = await cached(name, async (directory) => {
    await runOrFail("python3", { args: ["-m", "venv", "--copies", directory], timeoutMs: INSTALL_TIMEOUT_MS });
    const args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", ...packages];
    await runOrFail(join(directory, "bin", "python3"), { args, timeoutMs: INSTALL_TIMEOUT_MS });
  });
  return join(environment, "bin", "python3");
};

/** The path of a Python that has Kafka's clients; rejects when they cannot be had. */
export const pythonWithClients = (): Promise<string> => pythonWith(CLIENTS);

/** The path of a Python that has the h2 library. */
export const pythonWithHttp2 = (): Promise<string> => pythonWith(HTTP2);
