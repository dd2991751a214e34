import assert from "node:assert/strict";
import { test } from "node:test";
import { QUIET_MS, QUIET_MS_MAX, Report } from "../../../src/kafka/client/report.ts";
import { ManualClock } from "../../kit/clock.ts";
import { testRuntime } from "../../kit/runtime.ts";

const reportOf = (): { report: Report; clock: ManualClock } => {
  const clock = new ManualClock();
  return { report: new Report({ ...testRuntime({ clock }), namespace: "n", binding: "b" }), clock };
};

/** Wants the line said every so often; the seconds at which it is. */
const said = ({ report, clock }: ReturnType<typeof reportOf>, seconds: number, everySeconds: number): readonly number[] => {
  const at: number[] = [];
  for (let now = 0; now < seconds; now += everySeconds) {
    if (report.warn("it is broken", { where: "here" })) at.push(now);
    clock.advance(everySeconds * 1_000);
  }
  return at;
};

test("what goes on is said at once, then ever more rarely, and never more rarely than once an hour", () => {
  const at = said(reportOf(), 5 * 3_600, 10);
  const gaps = at.slice(1).map((now, index) => (now - at[index]!) * 1_000);
  assert.equal(at[0], 0);
  assert.deepEqual(gaps.slice(0, 3), [QUIET_MS, 2 * QUIET_MS, 4 * QUIET_MS]);
  assert.deepEqual(gaps.slice(-2), [QUIET_MS_MAX, QUIET_MS_MAX]);
});

test("what comes again after it had stopped is said again at once, and others are said for themselves", () => {
  const stage = reportOf();
  said(stage, 3_600, 10);
  stage.clock.advance(QUIET_MS);
  assert.deepEqual(said(stage, 70, 10), [0, 60]);
  assert.equal(stage.report.warn("it is broken", { where: "there" }), true);
});
