import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "../../src/cli/check.ts";
import type { Io } from "../../src/cli/command.ts";
import { schema } from "../../src/cli/schema.ts";
import { ECHO_CONFIG } from "../kit/echo-config.ts";

interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `sluice check` in a folder of its own with a file in it. */
const checked = async (text: string, env: Readonly<Record<string, string>> = {}, file = "zilla.yaml"): Promise<Said> => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-check-"));
  writeFileSync(join(directory, file), text);
  return ran(directory, env, file === "zilla.yaml" ? [] : [file]);
};

/** A command line's surroundings, and what was written to them. */
const surroundings = (
  directory: string,
  env: Readonly<Record<string, string>>,
): { readonly io: Io; readonly out: string[]; readonly err: string[] } => {
  const out: string[] = [];
  const err: string[] = [];
  return { io: { env, directory, out: (text) => void out.push(text), err: (text) => void err.push(text) }, out, err };
};

const ran = async (directory: string, env: Readonly<Record<string, string>>, config: readonly string[]): Promise<Said> => {
  const { io, out, err } = surroundings(directory, env);
  const status = await check.run({ flags: config.length > 0 ? new Map([["config", config]]) : new Map(), positionals: [] }, io);
  return { status, out: out.join(""), err: err.join("") };
};

test("what is right is ok, in one line and with status 0", async () => {
  assert.deepEqual(await checked(ECHO_CONFIG), { status: 0, out: "ok: 1 namespace, 4 bindings\n", err: "" });
});

test("a file that is not there is an empty one, with a warning", async () => {
  const said = await ran(mkdtempSync(join(tmpdir(), "sluice-check-")), {}, []);
  const err = "zilla.yaml:1:1: warning: there is no such file, so nothing is configured\n";
  assert.deepEqual(said, { status: 0, out: "ok: 1 namespace, 0 bindings, 1 warning\n", err });
});

test("a file that is asked for by name has to be there", async () => {
  const said = await ran(mkdtempSync(join(tmpdir(), "sluice-check-")), {}, ["zila.yaml"]);
  assert.deepEqual(said, { status: 1, out: "", err: "zila.yaml:1:1: cannot be read: there is no such file\n" });
});

test("an address is no file", async () => {
  const { status, err } = await ran(tmpdir(), {}, ["http://127.0.0.1/zilla.yaml"]);
  assert.deepEqual([status, err], [1, "http://127.0.0.1/zilla.yaml:1:1: cannot be read: only files are, nothing over the network\n"]);
});

test("the older name zilla.json is read where there is no zilla.yaml, with a warning", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-check-"));
  writeFileSync(join(directory, "zilla.json"), JSON.stringify({ name: "t", bindings: { e: { type: "echo", kind: "server" } } }));
  assert.deepEqual(await ran(directory, {}, []), {
    status: 0,
    out: "ok: 1 namespace, 1 binding, 1 warning\n",
    err: "zilla.json:1:1: warning: this is an older name; call the file 'zilla.yaml'\n",
  });
});

test("a folder is no file", async () => {
  const { status, err } = await ran(tmpdir(), {}, ["."]);
  assert.equal(status, 1);
  assert.match(err, /^\.:1:1: cannot be read: /);
});

test("all mistakes are printed with file, line and column, and the status is 1", async () => {
  const text = ECHO_CONFIG.replace("exit: grpc }", "exit: grcp }").replace("port: 0", "port: x");
  assert.deepEqual(await checked(text, {}, "other.yaml"), {
    status: 1,
    out: "",
    err: [
      "other.yaml:3:68: found 'x', but a port (0 to 65535), a range such as '7151-7153', or a list of these is needed",
      "other.yaml:4:43: found 'grcp', no such binding; did you mean 'grpc'? allowed: in, http, grpc, echo",
      "2 mistakes\n",
    ].join("\n"),
  });
});

test("every subject of a binding that cannot be read is said, not the first alone", async () => {
  const text = ECHO_CONFIG.replace(
    "[ { subject: echo } ]",
    "[ { subject: ecko }, { subject: echo }, { subject: bad }, { subject: worse } ]",
  ).replace("subjects: { echo:", `subjects: { bad: { schema: 'message {' }, worse: { schema: 'service {' }, echo:`);
  const { status, err } = await checked(text);
  assert.equal(status, 1);
  const lines = err.trimEnd().split("\n");
  assert.equal(lines.length, 4, err);
  assert.match(lines[0] ?? "", /^zilla\.yaml:5:\d+: found 'ecko', but the catalog has no such subject; did you mean 'echo'\?/);
  for (const line of lines.slice(1, 3)) assert.match(line, /^zilla\.yaml:10:\d+: /);
  assert.equal(lines[3], "3 mistakes");
});

test("an exit of the wrong kind is a mistake at the place of its name", async () => {
  const { status, err } = await checked(ECHO_CONFIG.replace("exit: http }", "exit: grpc }"));
  assert.equal(status, 1);
  assert.equal(err, "zilla.yaml:3:79: 'grpc' serves http, but connection is needed here\n1 mistake\n");
});

test("warnings are printed and counted, and leave the status 0", async () => {
  const { status, out, err } = await checked(ECHO_CONFIG.replace("exit: echo }", "exit: echo, telemetry: { metrics: [ grpc.* ] } }"));
  assert.equal(status, 0);
  assert.equal(out, "ok: 1 namespace, 4 bindings, 1 warning\n");
  assert.equal(err, "zilla.yaml:5:117: warning: 'grpc.*' matches no metric that telemetry.metrics lists\n");
});

test("what a start would refuse is a warning of a check", async () => {
  const { status, err } = await checked(
    `${ECHO_CONFIG.replace("bindings:", "bindings:\n  events: { type: sse, kind: server, exit: echo }")}`,
  );
  assert.equal(status, 0);
  assert.equal(
    err,
    "zilla.yaml:3:19: warning: bindings of type sse are not served here; take 'events' out, or run it elsewhere; a start is refused\n",
  );
});

test("the environment that counts is the one that is given", async () => {
  const text = ECHO_CONFIG.replace("127.0.0.1", "${{env.HOST}}");
  assert.equal((await checked(text, { HOST: "127.0.0.1" })).status, 0);
  assert.equal((await checked(text)).err, "zilla.yaml:3:51: the environment variable 'HOST' is not set\n1 mistake\n");
});

test("the schema is printed as JSON", async () => {
  const { io, out } = surroundings(".", {});
  assert.equal(await schema.run({ flags: new Map(), positionals: [] }, io), 0);
  assert.equal(JSON.parse(out.join("")).$schema, "https://json-schema.org/draft/2020-12/schema");
});
