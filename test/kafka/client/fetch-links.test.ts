import assert from "node:assert/strict";
import { test } from "node:test";
import { FetchLinks, IDLE_LINKS_MAX, IDLE_MS } from "../../../src/kafka/client/fetch-links.ts";
import { ManualClock } from "../../kit/clock.ts";
import { FakeLink } from "../../kit/fake-link.ts";

const linksOf = () => {
  const clock = new ManualClock();
  const dialled: FakeLink[] = [];
  const own = async (): Promise<FakeLink> => {
    const link = new FakeLink();
    dialled.push(link);
    return link;
  };
  return { links: new FetchLinks({ own }, clock), clock, dialled };
};

test("a connection that was given back idle serves the next, of the same broker only", async () => {
  const { links, dialled } = linksOf();
  const first = await links.take(1);
  links.give(1, first);
  assert.notEqual(await links.take(2), first);
  assert.equal(await links.take(1), first);
  assert.notEqual(await links.take(1), first);
  assert.equal(dialled.length, 3);
  links.close();
});

test("one that closed while it was idle is not handed out", async () => {
  const { links } = linksOf();
  const first = await links.take(1);
  links.give(1, first);
  first.close();
  assert.notEqual(await links.take(1), first);
  links.close();
});

test("idle connections are closed after a while, when there are too many, and at the end", async () => {
  const { links, clock, dialled } = linksOf();
  links.give(1, await links.take(1));
  clock.advance(IDLE_MS);
  assert.equal(dialled[0]!.open, false);
  const many = await Promise.all(Array.from({ length: IDLE_LINKS_MAX + 1 }, () => links.take(1)));
  for (const link of many) links.give(1, link);
  assert.equal(many.filter(({ open }) => open).length, IDLE_LINKS_MAX);
  links.close();
  assert.equal(many.filter(({ open }) => open).length, 0);
  assert.equal(clock.armed, 0);
});
