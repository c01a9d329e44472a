import { expect, test } from "vitest";

import { enlarged } from "../../src/captions/pictures";
import type { Box } from "../../src/network/captions";

const PICTURE = { url: "", width: 300, height: 200 };

test("an enlarged part is whole, in a square inside the picture", () => {
  const boxes: readonly Box[] = [
    [0, 0, 1, 1],
    [299, 199, 300, 200],
    [120, 80, 180, 140],
    [10, 150, 100, 200],
  ];
  for (const box of boxes) {
    const [x0, y0, x1, y1] = enlarged(PICTURE, box);
    expect(x1 - x0).toBeCloseTo(y1 - y0);
    expect(x1 - x0).toBeGreaterThanOrEqual(50);
    expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(0);
    expect([x1 <= PICTURE.width, y1 <= PICTURE.height]).toEqual([true, true]);
    expect([x0 <= box[0], y0 <= box[1], x1 >= box[2], y1 >= box[3]]).toEqual(Array(4).fill(true));
  }
});

test("what is in the middle stays there, with a margin", () => {
  expect(enlarged(PICTURE, [120, 80, 180, 140])).toEqual([99, 59, 201, 161]);
});
