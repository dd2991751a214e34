// Clients of others at the embedded broker's door: librdkafka (kcat) and the Java client authenticate by every mechanism, and write and
// read what the rules allow them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Connection } from "@platformatic/kafka";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { needs } from "../kit/needs.ts";
import { type Outcome, run } from "../kit/processes.ts";

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
type Mechanism = (typeof MECHANISMS)[number];
const USERS = { root: "root-secret", alice: "alice-secret" };

const start = (): Promise<RunningBroker> => startBroker({ users: USERS, superUsers: ["root"] });

describe("kcat", needs("kcat"), () => {
  let broker: RunningBroker;
  before(async () => {
    broker = await start();
  });
  after(() => broker.close());

  const kcat = (mechanism: Mechanism, [user, password]: readonly [string, string], ...args: readonly string[]): Promise<Outcome> => {
    const settings = [
      "security.protocol=SASL_PLAINTEXT",
      `sasl.mechanism=${mechanism}`,
      `sasl.username=${user}`,
      `sasl.password=${password}`,
    ];
    const input = args.includes("-P") ? `by ${mechanism}\n` : "";
    return run("kcat", { args: ["-b", broker.bootstrap, ...settings.flatMap((one) => ["-X", one]), ...args], input, timeoutMs: 15_000 });
  };

  for (const mechanism of MECHANISMS) {
    it(`writes and reads by ${mechanism}`, async () => {
      const topic = `by-${mechanism.toLowerCase()}`;
      const written = await kcat(mechanism, ["root", USERS.root], "-P", "-t", topic);
      assert.equal(written.code, 0, written.stderr);
      const read = await kcat(mechanism, ["root", USERS.root], "-C", "-t", topic, "-o", "beginning", "-c", "1");
      assert.equal(read.stdout.toString(), `by ${mechanism}\n`, read.stderr);
    });

    it(`is told that the password is wrong by ${mechanism}`, async () => {
      const { code, stderr } = await kcat(mechanism, ["root", "wrong"], "-L", "-m", "2");
      assert.notEqual(code, 0);
      assert.match(stderr, /SASL .*authentication error.*(Invalid username or password|invalid credentials)/i);
    });
  }

  it("is told what it may not do", async () => {
    const { stderr } = await kcat("PLAIN", ["alice", USERS.alice], "-P", "-t", "by-plain");
    assert.match(stderr, /Topic authorization failed/);
  });
});

describe("the Java client's tools", needs("kafka"), () => {
  let broker: RunningBroker;
  let directory: string;
  before(async () => {
    broker = await start();
    directory = mkdtempSync(join(tmpdir(), "sluice-sasl-"));
    const login = "org.apache.kafka.common.security.scram.ScramLoginModule";
    const lines = [
      "security.protocol=SASL_PLAINTEXT",
      "sasl.mechanism=SCRAM-SHA-512",
      `sasl.jaas.config=${login} required username="root" password="${USERS.root}";`,
    ];
    writeFileSync(join(directory, "client.properties"), lines.join("\n"));
  });
  after(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const tool = async (name: string, ...args: readonly string[]): Promise<string> => {
    const jars = await jarsOf(KAFKA_VERSION);
    const flags = ["-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", `${jars}/*`];
    const common = ["--bootstrap-server", broker.bootstrap, "--command-config", join(directory, "client.properties")];
    const { code, stdout, stderr } = await run("java", { args: [...flags, name, ...common, ...args], timeoutMs: 60_000 });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return stdout.toString();
  };
  const acls = (...args: readonly string[]): Promise<string> => tool("org.apache.kafka.tools.AclCommand", ...args);

  it("make, list and delete access rules", async () => {
    const rule = ["--allow-principal", "User:alice", "--operation", "Read", "--topic", "orders", "--resource-pattern-type", "prefixed"];
    await acls("--add", ...rule);
    assert.match(await acls("--list"), /principal=User:alice, host=\*, operation=READ, permissionType=ALLOW/);
    await acls("--remove", "--force", ...rule);
    assert.equal((await acls("--list")).trim(), "");
  });

  it("make a SCRAM user, who can come in then", async () => {
    const password = "SCRAM-SHA-256=[iterations=8192,password=carols]";
    await tool("kafka.admin.ConfigCommand", "--alter", "--add-config", password, "--entity-type", "users", "--entity-name", "carol");
    const sasl = { mechanism: "SCRAM-SHA-256", username: "carol", password: "carols" } as const;
    const connection = new Connection("test", { sasl });
    await connection.connect(broker.host, broker.port);
    await connection.close();
  });
});
