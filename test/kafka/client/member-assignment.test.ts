import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeldPartition, MemberAssignment } from "../../../src/kafka/client/member-assignment.ts";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const NAMES = new Map([[A, "a"]]);

const share = (topicId: string, ...partitions: readonly number[]) => [{ topicId, partitions }];
const text = (partitions: readonly HeldPartition[]): string => partitions.map(({ topic, partition }) => `${topic}${partition}`).join(" ");
const stepped = (assignment: MemberAssignment, names: ReadonlyMap<string, string> = NAMES) => {
  const step = assignment.step(names);
  return { ...step, shown: { lost: text(step.lost), added: text(step.added), revoked: text(step.revoked) } };
};

test("what is new is added, and what is taken away is revoked once and stays until it is released", () => {
  const assignment = new MemberAssignment();
  assignment.give(share(A, 2, 0, 1));
  assert.deepEqual(stepped(assignment).shown, { lost: "", added: "a2 a0 a1", revoked: "" });
  assert.deepEqual(assignment.owned, share(A, 0, 1, 2));
  assignment.give(share(A, 0));
  const { revoked, shown } = stepped(assignment);
  assert.deepEqual(shown, { lost: "", added: "", revoked: "a2 a1" });
  assert.deepEqual(stepped(assignment).shown, { lost: "", added: "", revoked: "" });
  assert.deepEqual(assignment.owned, share(A, 0, 1, 2));
  assignment.released(revoked);
  assert.deepEqual(assignment.owned, share(A, 0));
});

test("what is given again while it is let go is added when it has been", () => {
  const assignment = new MemberAssignment();
  assignment.give(share(A, 0));
  stepped(assignment);
  assignment.give([]);
  const { revoked } = stepped(assignment);
  assignment.give(share(A, 0));
  assert.deepEqual(stepped(assignment).shown, { lost: "", added: "", revoked: "" });
  assignment.released(revoked);
  assert.deepEqual(stepped(assignment).shown, { lost: "", added: "a0", revoked: "" });
});

test("a topic whose name is not known is waited for, and not lost", () => {
  const assignment = new MemberAssignment();
  assignment.give([...share(A, 0), ...share(B, 7)]);
  assert.equal(stepped(assignment).isUnknown, true);
  assert.deepEqual(assignment.owned, share(A, 0));
  const step = stepped(assignment, new Map([...NAMES, [B, "b"]]));
  assert.deepEqual([step.isUnknown, step.shown.added], [false, "b7"]);
  assert.deepEqual(assignment.owned, [...share(A, 0), ...share(B, 7)]);
});

test("a topic that was made anew takes the place of the old one, which is lost and not let go", () => {
  const assignment = new MemberAssignment();
  assignment.give(share(A, 0, 1));
  stepped(assignment);
  assignment.give(share(B, 0));
  const { shown } = stepped(assignment, new Map([[B, "a"]]));
  assert.deepEqual(shown, { lost: "a0 a1", added: "a0", revoked: "" });
  assert.deepEqual(assignment.owned, share(B, 0));
});

test("a topic that was made anew while the old one is let go does not wait for that", () => {
  const assignment = new MemberAssignment();
  assignment.give(share(A, 0));
  stepped(assignment);
  assignment.give([]);
  const { revoked } = stepped(assignment);
  assert.equal(text(revoked), "a0");
  assignment.give(share(B, 0));
  assert.deepEqual(stepped(assignment, new Map([[B, "a"]])).shown, { lost: "a0", added: "a0", revoked: "" });
  assignment.released(revoked);
  assert.deepEqual(assignment.owned, share(B, 0));
});

test("a member that is none any more has nothing, and is given all anew", () => {
  const assignment = new MemberAssignment();
  assignment.give(share(A, 0, 1));
  stepped(assignment);
  assert.equal(text(assignment.clear()), "a0 a1");
  assert.deepEqual([assignment.owned, stepped(assignment).shown.added], [[], ""]);
});
