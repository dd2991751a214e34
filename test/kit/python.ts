// Python's Kafka clients, at exact versions, in an environment of their own in the cache.
import { join } from "node:path";
import { cached } from "./cache.ts";
import { runOrFail } from "./processes.ts";

const PACKAGES = ["confluent-kafka==2.16.1", "aiokafka==0.14.0", "kafka-python==3.0.12"];
const INSTALL_TIMEOUT_MS = 240_000;

/** The path of a Python that has them; rejects when they cannot be had. */
export const pythonWithClients = async (): Promise<string> => {
  const name = `python-${PACKAGES.map((each) => each.replace("==", "-")).join("-")}`;
  const environment = await cached(name, async (directory) => {
    await runOrFail("python3", { args: ["-m", "venv", "--copies", directory], timeoutMs: INSTALL_TIMEOUT_MS });
    const args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", ...PACKAGES];
    await runOrFail(join(directory, "bin", "python3"), { args, timeoutMs: INSTALL_TIMEOUT_MS });
  });
  return join(environment, "bin", "python3");
};
