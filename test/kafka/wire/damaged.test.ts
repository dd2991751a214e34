// Damaged bytes, as the long run gives them by the million.
import { test } from "node:test";
import { fuzz } from "../../kit/fuzz/fuzzing.ts";
import { KAFKA_TARGETS } from "../../kit/fuzz/kafka-targets.ts";

const EXECUTIONS = 500;

for (const target of KAFKA_TARGETS) {
  test(`${target.name}: damaged bytes are refused as declared`, () => fuzz(target, EXECUTIONS, 1));
}
