// What the broker's flags say.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseArguments } from "../../src/cli/arguments.ts";
import { broker } from "../../src/cli/broker.ts";
import { dataOptions, keptText, reachOptions, tlsOptions } from "../../src/cli/broker-flags.ts";
import { type Io, UsageError } from "../../src/cli/command.ts";
import { run } from "../../src/cli/main.ts";

const ioTo = (lines: string[]): Io => ({
  out: (text) => void lines.push(text),
  err: (text) => void lines.push(text),
  env: {},
  directory: "/work",
});
const optionsOf = (...words: readonly string[]) => {
  const given = parseArguments(broker, words);
  return { ...reachOptions(given), ...dataOptions(given, ioTo([])) };
};

describe("the broker's flags", () => {
  test("without any, it listens on loopback at Kafka's port and keeps its data below the current folder", () => {
    const { host, port, data, fsync, autoCreate, partitions, users } = optionsOf();
    assert.deepEqual(
      { host, port, data, fsync, autoCreate, partitions, users },
      {
        host: "127.0.0.1",
        port: 9092,
        data: "/work/.zilla/broker",
        fsync: "always",
        autoCreate: true,
        partitions: 1,
        users: {},
      },
    );
  });

  test("each says what it says", () => {
    const options = optionsOf(
      ...["--host", "::", "--port", "0", "--advertise", "[2001:db8::1]:19092", "--user", "a:b:c", "--super-user", "a", "--insecure"],
      ...["--data", "/var/k", "--partitions", "3", "--fsync", "interval=50", "--setting", "log.retention.ms=5=5", "--no-auto-create"],
    );
    assert.deepEqual(options, {
      host: "::",
      port: 0,
      advertise: { host: "2001:db8::1", port: 19_092 },
      users: { a: "b:c" },
      superUsers: ["a"],
      insecure: true,
      autoCreate: false,
      data: "/var/k",
      partitions: 3,
      fsync: { intervalMs: 50 },
      settings: { "log.retention.ms": "5=5" },
    });
    assert.match(keptText(options), /last 50 ms/);
    assert.equal("data" in optionsOf("--memory"), false);
  });

  test("TLS takes what the files hold", (context) => {
    const directory = mkdtempSync(join(tmpdir(), "sluice-flags-"));
    context.after(() => rmSync(directory, { recursive: true }));
    for (const name of ["a.pem", "b.pem", "c.pem"]) writeFileSync(join(directory, name), name);
    const tlsOf = (...words: readonly string[]) => tlsOptions(parseArguments(broker, words), { ...ioTo([]), directory });
    const pair = ["--tls-cert", "a.pem", "--tls-key", join(directory, "b.pem")];
    assert.deepEqual(tlsOf(), {});
    assert.deepEqual(tlsOf(...pair), { tls: { certificate: Buffer.from("a.pem"), key: Buffer.from("b.pem") } });
    assert.deepEqual(tlsOf(...pair, "--tls-client-ca", "c.pem").tls?.clientCa, Buffer.from("c.pem"));
    for (const words of [
      ["--tls-key", "b.pem"],
      ["--tls-client-ca", "c.pem"],
      [...pair.slice(0, 2), "--tls-key", "none.pem"],
    ])
      assert.throws(() => tlsOf(...words), UsageError);
  });

  for (const words of [
    ["--port", "x"],
    ["--fsync", "sometimes"],
    ["--user", "nameless"],
    ["--setting", "=1"],
    ["--advertise", "host"],
    ["--memory", "--data", "x"],
  ])
    test(`${words.join(" ")} is not understood`, () => assert.throws(() => optionsOf(...words), UsageError));
});

describe("sluice broker", () => {
  test("--apis tells what is answered", async () => {
    const lines: string[] = [];
    assert.equal(await run(["broker", "--apis"], ioTo(lines)), 0);
    assert.match(lines.join(""), /^ *0 +Produce/);
  });

  test("beyond loopback it says what is missing", async () => {
    const lines: string[] = [];
    assert.equal(await run(["broker", "--host", "0.0.0.0", "--memory"], ioTo(lines)), 1);
    assert.match(lines.join(""), /--user NAME:PASSWORD.*--insecure/);
  });
});
