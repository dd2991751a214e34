import assert from "node:assert/strict";
import { test } from "node:test";
import { FetchPosition } from "../../../src/kafka/client/fetch-position.ts";
import { FetchSession, SESSION_PARTITIONS_MIN } from "../../../src/kafka/client/fetch-session.ts";

const positions = (count: number): FetchPosition[] =>
  Array.from({ length: count }, (_, partition) => new FetchPosition({ name: "t", id: "id" }, partition, { offset: 0, bytesMax: 1_000 }));
const numbers = (of: readonly FetchPosition[]): number[] => of.map(({ partition }) => partition);

/** A session that the broker keeps as 7, with its positions. */
const begun = () => {
  const session = new FetchSession();
  const all = positions(SESSION_PARTITIONS_MIN);
  const first = session.request(all);
  session.answered(7);
  return { session, all, first };
};

test("few partitions ask for no session and say all each time", () => {
  const session = new FetchSession();
  const few = positions(SESSION_PARTITIONS_MIN - 1);
  for (let time = 0; time < 2; time++) {
    const request = session.request(few);
    assert.deepEqual(request, { session: { id: 0, epoch: -1 }, positions: few, forgotten: [] });
    session.answered(0);
  }
});

test("many ask for one, and then say what has changed", () => {
  const { session, all, first } = begun();
  assert.deepEqual([first.session, first.positions], [{ id: 0, epoch: 0 }, all]);
  all[3]!.offset = 5;
  all[4]!.leaderEpoch = 2;
  const second = session.request(all);
  assert.deepEqual([second.session, numbers(second.positions), second.forgotten], [{ id: 7, epoch: 1 }, [3, 4], []]);
  session.answered(7);
  assert.deepEqual(session.request(all), { session: { id: 7, epoch: 2 }, positions: [], forgotten: [] });
});

test("what is not wanted for now is forgotten, and said again when it is", () => {
  const { session, all } = begun();
  const some = all.slice(2);
  assert.deepEqual(numbers(session.request(some).forgotten), [0, 1]);
  session.answered(7);
  const again = session.request(all);
  assert.deepEqual([numbers(again.positions), again.forgotten], [[0, 1], []]);
});

test("a partition that is taken up anew is said, and not forgotten with what it was before", () => {
  const { session, all } = begun();
  const [anew] = positions(1);
  anew!.offset = 9;
  const request = session.request([anew!, ...all.slice(1)]);
  assert.deepEqual([request.positions, request.forgotten], [[anew], []]);
});

test("without a session, and after one that was lost, all is said again", () => {
  const { session, all } = begun();
  session.reset();
  assert.deepEqual(session.request(all), { session: { id: 0, epoch: 0 }, positions: all, forgotten: [] });
  session.answered(0);
  assert.deepEqual(session.request(all), { session: { id: 0, epoch: 0 }, positions: all, forgotten: [] });
});
