import { describe, expect, it } from "vitest";

import { inPolygon, sideOfLine } from "../../src/geometry/polygon";

describe("the side of a line", () => {
  const from = { x: 0, y: -1 };
  const up = { x: 0, y: 1 };

  it("is above 0 on the left", () => {
    expect(sideOfLine({ x: -0.5, y: 0 }, from, up)).toBeGreaterThan(0);
    expect(sideOfLine({ x: 0.5, y: 5 }, from, up)).toBeLessThan(0);
    expect(sideOfLine({ x: 0, y: 7 }, from, up)).toBe(0);
  });

  it("changes with the line's direction", () => {
    expect(sideOfLine({ x: -0.5, y: 0 }, up, from)).toBeLessThan(0);
  });
});

describe("a polygon", () => {
  const notched = [
    [0, 0],
    [4, 0],
    [4, 4],
    [2, 1],
    [0, 4],
  ] as const;

  it("holds what is inside, and not what lies in its notch", () => {
    expect(inPolygon(1, 1, notched)).toBe(true);
    expect(inPolygon(2, 3, notched)).toBe(false);
    expect(inPolygon(5, 1, notched)).toBe(false);
  });
});
