// Mistakes as a table: one piece of the whole configuration is changed, and exactly one sentence at one place comes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakesOf } from "../kit/config.ts";
import { changed, placeOf } from "./whole.ts";

export interface Broken {
  readonly says: string;
  /** What of the whole configuration is replaced. */
  readonly from: string;
  readonly to: string;
  /** The piece of the changed text at which the mistake stands; the replacement itself without it. */
  readonly at?: string;
  readonly message: string;
}

export const checkBroken = (cases: readonly Broken[]): void => {
  for (const { says, from, to, at, message } of cases) {
    test(`${says}: one sentence at its place`, () => {
      const text = changed(from, to);
      assert.deepEqual(mistakesOf(text), [`${placeOf(text, at ?? to)} ${message}`]);
    });
  }
};
