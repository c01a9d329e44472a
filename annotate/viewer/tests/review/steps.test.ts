import { describe, expect, it } from "vitest";

import { initial, step } from "../../src/domain/fold";
import { stamped } from "../../src/domain/operations";
import type { Base } from "../../src/domain/state";
import { cleanName, percent } from "../../src/panels/part_list";
import { ActiveClock } from "../../src/review/clock";
import { LISTED, Suggestions, inSight, offers } from "../../src/review/suggestions";

const base: Base = {
  atomOfFace: Uint16Array.from([0, 1, 2, 3]),
  segments: 4,
  tree: {
    children: [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
    heights: [0.1, 0.2, 0.9],
    default_height: 0,
  },
};
const merge = (...groups: number[]) => stamped({ kind: "merge", groups }, "key");
const suggest = (...groups: number[]) => ({ groups, score: 0.5, why: "" });

describe("suggestions", () => {
  it("are passed over once they are done, and named as groups are now", () => {
    const suggestions = new Suggestions([suggest(0, 1), suggest(1, 2), suggest(2, 3)]);
    let state = initial(base);
    suggestions.follow(state);
    expect(suggestions.left).toBe(3);
    expect(suggestions.next()?.groups).toEqual([0, 1]);
    state = step(base, state, merge(0, 1));
    suggestions.follow(state);
    expect(suggestions.current).toBeNull();
    expect(suggestions.next()?.groups).toEqual([0, 2]);
    expect(suggestions.next()?.groups).toEqual([2, 3]);
    expect(suggestions.next()?.groups).toEqual([0, 2]);
    state = step(base, state, merge(0, 2, 3));
    suggestions.follow(state);
    expect(suggestions.left).toBe(0);
    expect(suggestions.next()).toBeNull();
  });
});

describe("offers", () => {
  const list = [suggest(0, 1), suggest(1, 2), suggest(2, 3), suggest(1, 0)];
  const names = (groupOfAtom: number[], chosen: number[]) =>
    offers(list, groupOfAtom, chosen).map(({ groups }) => groups);

  it("keep their order, and name a merge once", () => {
    expect(names([0, 1, 2, 3], [])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it("are only those that hold a chosen group, by its name now", () => {
    expect(names([0, 1, 2, 3], [3])).toEqual([[2, 3]]);
    expect(names([0, 1, 2, 3], [0, 3])).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(names([0, 0, 2, 3], [0])).toEqual([[0, 2]]);
    expect(names([0, 0, 2, 3], [1])).toEqual([]);
  });

  it("of unknown atoms are none", () => {
    expect(names([0, 1], [])).toEqual([[0, 1]]);
  });

  it("stay in sight where they are looked at", () => {
    const eight = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(inSight(eight, -1)).toEqual([0, 1, 2, 3, 4]);
    expect(inSight(eight, LISTED - 1)).toEqual([0, 1, 2, 3, 4]);
    expect(inSight(eight, 6)).toEqual([2, 3, 4, 5, 6]);
    expect(inSight(eight.slice(0, 2), 1)).toEqual([0, 1]);
  });

  it("end a look when they are narrowed past it, and it does not come back", () => {
    const suggestions = new Suggestions(list);
    const state = initial(base);
    suggestions.follow(state);
    suggestions.next();
    suggestions.follow(state, [1]);
    expect(suggestions.current?.groups).toEqual([0, 1]);
    expect(suggestions.left).toBe(2);
    suggestions.follow(state, [3]);
    expect([suggestions.current, suggestions.narrowed]).toEqual([null, true]);
    suggestions.follow(state);
    expect([suggestions.current, suggestions.left]).toEqual([null, 3]);
  });
});

describe("a new ranking", () => {
  it("is listed in its order, and nobody is taken to have read it at once", () => {
    const suggestions = new Suggestions([suggest(0, 1), suggest(1, 2)]);
    suggestions.follow(initial(base));
    suggestions.replace([suggest(1, 2), suggest(0, 1)], 1000);
    expect(suggestions.listed.map(({ groups }) => groups)).toEqual([
      [1, 2],
      [0, 1],
    ]);
    expect(suggestions.isUnread(1100)).toBe(true);
    expect(suggestions.isUnread(2000)).toBe(false);
  });

  it("that is the same is as good as read", () => {
    const suggestions = new Suggestions([suggest(0, 1), suggest(1, 2)]);
    suggestions.follow(initial(base));
    suggestions.replace([suggest(1, 0), suggest(2, 1)], 1000);
    expect(suggestions.isUnread(1001)).toBe(false);
  });

  it("does not take away what is being looked at", () => {
    const suggestions = new Suggestions([suggest(0, 1), suggest(1, 2)]);
    suggestions.follow(initial(base));
    suggestions.next();
    suggestions.replace([suggest(2, 3), suggest(1, 0)]);
    expect(suggestions.current?.groups).toEqual([1, 0]);
    suggestions.replace([suggest(2, 3)]);
    expect(suggestions.current?.groups).toEqual([1, 0]);
    expect(suggestions.left).toBe(2);
  });
});

describe("the clock", () => {
  it("counts gaps up to half a minute", () => {
    let now = 1000;
    const clock = new ActiveClock(() => now);
    now += 5000;
    clock.tick();
    now += 3_600_000;
    clock.tick();
    now += 2000;
    expect(clock.active).toBe(5000 + 30_000 + 2000);
    expect(clock.idle).toBe(2000);
    clock.restart();
    expect(clock.active).toBe(0);
  });
});

describe("text for people and for the server", () => {
  it("shows small shares as small", () => {
    expect([0.5, 0.031, 0.0004].map(percent)).toEqual(["50 %", "3.1 %", "< 0.1 %"]);
  });

  it("makes names that the server takes", () => {
    expect(cleanName("  left\n leg\u0007 ")).toBe("left  leg");
    const long = cleanName("脚".repeat(100));
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(200);
    expect(long).toBe("脚".repeat(66));
  });
});
