// What the package exports under `sluice/broker`.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { API, LockedError, OptionsError, startBroker } from "../../src/broker/entry.ts";
import { metadata } from "../../src/kafka/wire/api/03-metadata.ts";

const ROOT = new URL("../../", import.meta.url);

test("the export leads to a file that is built from one of ours", () => {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
    exports: Record<string, Record<string, string>>;
  };
  const { types = "", default: main = "" } = exports["./broker"] ?? {};
  assert.equal(types.replace(/\.d\.ts$/, ".js"), main);
  assert.ok(existsSync(new URL(main.replace("./dist/", "src/").replace(/\.js$/, ".ts"), ROOT)), main);
});

test("a broker is started with one call, and ends with one", async () => {
  const broker = await startBroker();
  assert.match(broker.bootstrap, /^127\.0\.0\.1:\d+$/);
  await broker.close();
  await assert.rejects(startBroker({ host: "0.0.0.0" }), OptionsError);
  assert.equal(API.metadata, metadata);
  assert.equal(new LockedError("x").name, "LockedError");
});
