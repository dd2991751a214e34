import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Disk, readFile, writeFileWhole } from "../../../src/broker/storage/disk.ts";
import { LockedError, systemProcesses } from "../../../src/broker/storage/lock.ts";
import { LogStore } from "../../../src/broker/storage/log-store.ts";
import { memoryDisk } from "../../../src/broker/storage/memory-disk.ts";
import { nodeDisk } from "../../../src/broker/storage/node-disk.ts";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLog } from "../../../src/core/log.ts";
import { appended, batchOf, logOf, readAll } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-storage-"));
after(() => rmSync(root, { recursive: true }));

/** One contract, three disks. */
const check = (name: string, disk: Disk, base: string): void => {
  test(`${name}: files are written, read, cut and renamed`, async () => {
    const folder = `${base}/a/b`;
    await disk.makeFolder(folder);
    await disk.makeFolder(folder);
    const file = await disk.open(`${folder}/one`, "new");
    await file.write([utf8("hello"), utf8(" "), utf8("world")], 0);
    await file.writeThrough([utf8("W")], 6);
    await file.sync();
    assert.equal(await file.size(), 11);
    const into = new Uint8Array(20);
    assert.equal(await file.read(into, 6), 5);
    assert.equal(Buffer.from(into.subarray(0, 5)).toString(), "World");
    assert.equal(await file.read(into, 11), 0);
    await file.truncate(5);
    await file.close();
    await disk.rename(`${folder}/one`, `${folder}/two`);
    await disk.syncFolder(folder);
    assert.deepEqual(await disk.list(folder), ["two"]);
    assert.equal((await readFile(disk, `${folder}/two`))?.toString(), "hello");
    await disk.rename(folder, `${base}/a/c`);
    assert.deepEqual(await disk.list(`${base}/a/c`), ["two"]);
    await disk.unlink(`${base}/a/c/two`);
    await disk.removeFolder(`${base}/a/c`);
    assert.deepEqual(await disk.list(`${base}/a`), []);
  });

  test(`${name}: what is not there, or there already, is told by its code`, async () => {
    await disk.makeFolder(`${base}/codes`);
    await assert.rejects(disk.open(`${base}/codes/x`, "existing"), { code: "ENOENT" });
    await assert.rejects(disk.unlink(`${base}/codes/x`), { code: "ENOENT" });
    await assert.rejects(disk.list(`${base}/none`), { code: "ENOENT" });
    await assert.rejects(disk.open(`${base}/none/x`, "new"), { code: "ENOENT" });
    await (await disk.open(`${base}/codes/x`, "new")).close();
    await assert.rejects(disk.open(`${base}/codes/x`, "new"), { code: "EEXIST" });
    assert.equal(await readFile(disk, `${base}/codes/y`), undefined);
  });

  test(`${name}: large and many pieces are written whole`, async () => {
    await disk.makeFolder(`${base}/large`);
    const pieces = [...Array.from({ length: 3_000 }, (_, at) => new Uint8Array(7).fill(at)), new Uint8Array(700_000).fill(9), utf8("end")];
    await writeFileWhole(disk, `${base}/large/x`, utf8("old"));
    for (const way of ["write", "writeThrough"] as const) {
      const file = await disk.open(`${base}/large/x`, "empty");
      await file[way](pieces, 0);
      await file.close();
      const read = await readFile(disk, `${base}/large/x`);
      assert.ok(read?.equals(concat(pieces)));
    }
  });
};

check("node", nodeDisk, root);
check("memory", memoryDisk(), "/m");
check("simulated", new SimulatedDisk(1), "/s");

test("a log on the machine's own disk is there after a stop, under names for people", async () => {
  const folder = join(root, "broker");
  const options = {
    disk: nodeDisk,
    folder,
    fsync: "always",
    clock: systemClock,
    log: silentLog,
    processes: await systemProcesses(),
  } as const;
  const first = await LogStore.open(options);
  await assert.rejects(LogStore.open(options), LockedError);
  const config = { timestampBeforeMsMax: Number.MAX_SAFE_INTEGER };
  await appended(await logOf(first, config), batchOf(["a=1"]));
  await first.close();
  assert.deepEqual(readdirSync(folder).sort(), ["clean-stop", "orders-0"]);
  assert.deepEqual(readdirSync(join(folder, "orders-0")).sort(), ["00000000000000000000.index", "00000000000000000000.log", "topic"]);
  const second = await LogStore.open(options);
  assert.deepEqual(await readAll(await logOf(second, config)), ["0:a=1"]);
  await second.close();
});
