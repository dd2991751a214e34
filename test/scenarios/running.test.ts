// A process from its start to its end, as scripts see it: files, commands, exit statuses.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ECHO_CONFIG } from "../kit/echo-config.ts";
import { SLUICE, startSluice } from "../kit/sluice.ts";

const TIMEOUT_MS = 20_000;
const sluice = (directory: string, ...words: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [SLUICE, ...words], { cwd: directory, timeout: TIMEOUT_MS }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
const folder = (): string => mkdtempSync(join(tmpdir(), "sluice-running-"));

describe("without a process", () => {
  test("stop has nothing to do, and says so with status 0", async () => {
    const { status, stderr } = await sluice(folder(), "stop");
    assert.equal(status, 0);
    assert.match(stderr, /^nothing runs in /);
  });
  test("metrics fail with status 1", async () => {
    assert.equal((await sluice(folder(), "metrics")).status, 1);
  });
  test("an unknown flag of start is refused with status 2 and the nearest", async () => {
    const { status, stderr } = await sluice(folder(), "start", "--verbos");
    assert.equal(status, 2);
    assert.match(stderr, /did you mean '--verbose'\?/);
  });
  test("a configuration with a mistake ends the start with status 1", async () => {
    const directory = folder();
    writeFileSync(join(directory, "zilla.yaml"), "name: t\nbindings: { e: { type: echo, kind: servr } }\n");
    const { status, stderr } = await sluice(directory, "start");
    assert.equal(status, 1);
    assert.match(stderr, /^zilla\.yaml:2:.*did you mean 'server'\?[\s\S]*1 mistake, nothing was started\n$/);
  });
  test("a configuration that was named and is not there ends the start with status 1", async () => {
    const { status, stderr } = await sluice(folder(), "start", "-c", "typo.yaml");
    assert.equal(status, 1);
    assert.equal(stderr, "typo.yaml:1:1: cannot be read: there is no such file\n");
  });
});

test("the configuration that a property names is taken, and -c wins over it", async () => {
  const directory = folder();
  writeFileSync(join(directory, "flag.yaml"), "name: t\nbindings: { e: { type: echo, kind: servr } }\n");
  for (const name of ["zilla.engine.config.url", "zilla.engine.config.uri"]) {
    const property = await sluice(directory, "start", "-P", `${name}=property.yaml`);
    assert.deepEqual([property.status, property.stderr], [1, "property.yaml:1:1: cannot be read: there is no such file\n"]);
    const both = await sluice(directory, "start", "-P", `${name}=property.yaml`, "-c", "flag.yaml");
    assert.match(both.stderr, /^flag\.yaml:2:/);
  }
});

for (const workers of [1, 2]) {
  test(`${workers} of them are found by their folder: metrics reads them, stop ends them with status 0, and ready goes with them`, async () => {
    const directory = folder();
    const engine = join(directory, "engine");
    writeFileSync(join(directory, "zilla.yaml"), ECHO_CONFIG);
    const words = ["-P", `zilla.engine.directory=${engine}`];
    const args = ["-P", "zilla.engine.drain.seconds=soon"];
    const running = await startSluice({ config: join(directory, "zilla.yaml"), engine, workers, args });
    try {
      const warnings = running.log().match(/warn zilla\.engine\.drain\.seconds is no number of seconds; it has no effect found=soon/g);
      assert.equal(warnings?.length, 1);
      const metrics = await sluice(directory, "metrics", ...words);
      assert.equal(metrics.status, 0, metrics.stderr);
      assert.match(metrics.stdout, /^t +in +sluice\.tcp\.connections +0$/m);
      assert.ok(existsSync(join(engine, "ready")) && existsSync(join(engine, "info")));
      assert.equal((await sluice(directory, "stop", ...words)).status, 0);
      assert.equal(await running.stop(), 0);
      assert.match(running.log(), /draining[\s\S]*stopped/);
      assert.ok(!existsSync(join(engine, "ready")));
    } finally {
      await running.kill();
    }
  });

  test(`the second signal ends ${workers} that drain at once, with status 1`, async () => {
    const directory = folder();
    const config = join(directory, "zilla.yaml");
    writeFileSync(config, ECHO_CONFIG);
    const running = await startSluice({ config, workers });
    const session = connect(`http://127.0.0.1:${/port=(\d+)/.exec(running.log())?.[1]}`);
    try {
      // A call that never ends keeps the process draining.
      const stream = session.request(
        { ":method": "POST", ":path": "/Echo/Say", "content-type": "application/grpc", te: "trailers" },
        { endStream: false },
      );
      const lost = once(stream, "close");
      stream.on("error", () => {});
      session.on("error", () => {});
      await new Promise((resolve) => stream.write(Buffer.alloc(5), resolve));
      await once(stream, "data");
      process.kill(running.pid, "SIGTERM");
      while (!/draining/.test(running.log())) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await running.stop(), 1);
      await lost;
    } finally {
      session.destroy();
      await running.kill();
    }
  });
}
