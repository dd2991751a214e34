// What holds of every API file, whatever it does.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { ABSENT } from "../../src/broker/absent.ts";
import { APIS } from "../../src/broker/apis.ts";
import { coverageText } from "../../src/broker/coverage.ts";
import { apiVersions } from "../../src/kafka/wire/api/18-api-versions.ts";
import { ErrorCode } from "../../src/kafka/wire/errors.ts";
import { Reader } from "../../src/kafka/wire/reader.ts";
import { running } from "./running.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
/** The keys that it tells in ApiVersions, with WriteTxnMarkers and the state of share groups, which only brokers use. */
const APACHE_KAFKA_4_3_1 = [
  range(0, 3),
  range(8, 51),
  55,
  57,
  range(60, 61),
  range(64, 66),
  range(68, 69),
  range(74, 81),
  range(83, 92),
].flat();

const FOLDER = new URL("../../src/broker/", import.meta.url);

describe("the APIs of the broker", () => {
  test("are listed in the order of their numbers, each file once", () => {
    const files = readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ts$/.test(name));
    const numbers = files.map((name) => Number(name.slice(0, 2))).sort((a, b) => a - b);
    assert.deepEqual(
      APIS.map(({ key }) => key),
      numbers,
    );
  });

  test("the coverage has a line for each", () => {
    const lines = coverageText(APIS).trimEnd().split("\n");
    assert.equal(lines.length, APIS.length);
    assert.match(lines[0] ?? "", /^ +0 {2}Produce +3 to 13/);
  });

  test("what one node of Apache Kafka answers is answered, or its absence has a reason", () => {
    const answered = APIS.map(({ key }) => key);
    const both = [...new Set([...answered, ...ABSENT.map(({ key }) => key)])].sort((a, b) => a - b);
    assert.deepEqual(both, APACHE_KAFKA_4_3_1);
  });

  test("ApiVersions tells the same, at every version", async (context) => {
    const { asker } = await running(context);
    for (let version = 0; version <= apiVersions.versions.max; version++) {
      const { errorCode, apiKeys } = await asker.ask(apiVersions, { clientSoftwareName: "a", clientSoftwareVersion: "1" }, version);
      assert.equal(errorCode, ErrorCode.NONE);
      assert.deepEqual(
        apiKeys,
        APIS.map(({ key, toldFrom, versions }) => ({ apiKey: key, minVersion: toldFrom, maxVersion: versions.max })),
      );
    }
  });

  test("ApiVersions of a version that is not known is answered in version 0, and the connection stays", async (context) => {
    const { asker } = await running(context);
    const later = { ...apiVersions, response: atVersion0 };
    const { errorCode, apiKeys } = await asker.ask(later, { clientSoftwareName: "a", clientSoftwareVersion: "1" }, 77);
    assert.equal(errorCode, ErrorCode.UNSUPPORTED_VERSION);
    assert.deepEqual(apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    assert.equal((await asker.ask(apiVersions, { clientSoftwareName: "a", clientSoftwareVersion: "1" })).errorCode, ErrorCode.NONE);
  });

  test("a client without a proper name is refused", async (context) => {
    const { asker } = await running(context);
    const { errorCode } = await asker.ask(apiVersions, { clientSoftwareName: "-", clientSoftwareVersion: "1" });
    assert.equal(errorCode, ErrorCode.INVALID_REQUEST);
  });
});

/** Reads as version 0 and in the classic encoding, whatever was asked. */
const atVersion0: typeof apiVersions.response = {
  ...apiVersions.response,
  read: (flexible) => {
    const from = new Reader(flexible.bytes, "classic");
    const errorCode = from.int16();
    const apiKeys = from.array((one) => ({ apiKey: one.int16(), minVersion: one.int16(), maxVersion: one.int16() }));
    return { ...apiVersions.response.empty, errorCode, apiKeys };
  },
};
