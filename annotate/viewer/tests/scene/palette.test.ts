import { describe, expect, it } from "vitest";

import { borderLines } from "../../src/scene/borders";
import { COLOURS, chooseColours } from "../../src/scene/palette";
import { type Colour, contrast } from "../../src/scene/vision";

describe("contrast", () => {
  it("is that of the eye that sees least", () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(100, 1);
    expect(contrast([10, 20, 30], [10, 20, 30])).toBe(0);
    // Far apart to most, but red and green of one lightness are one to a deuteranope.
    expect(contrast([180, 90, 40], [112, 118, 36])).toBeLessThan(7);
    expect(contrast([180, 90, 40], [40, 90, 180])).toBeGreaterThan(15);
  });

  it("tells all colours of the palette apart", () => {
    COLOURS.forEach((a, i) => {
      for (const b of COLOURS.slice(i + 1)) expect(contrast(a, b)).toBeGreaterThan(4);
    });
  });
});

describe("choosing colours", () => {
  const ring = new Map(
    Array.from({ length: 40 }, (_, k) => [k, new Set([(k + 1) % 40, (k + 39) % 40])]),
  );
  const areas = new Map(Array.from({ length: 40 }, (_, k) => [k, 1 + (k % 7)]));

  it("gives neighbours different colours", () => {
    const chosen = chooseColours(areas, ring, new Map(), 0);
    for (const [group, others] of ring) {
      for (const other of others) {
        const [a, b] = [group, other].map((one) => COLOURS[chosen.get(one) as number] as Colour);
        expect(contrast(a as Colour, b as Colour)).toBeGreaterThan(15);
      }
    }
    expect(new Set(chosen.values()).size).toBeGreaterThan(8);
  });

  it("keeps what it is told to keep", () => {
    const kept = new Map([
      [3, 5],
      [9, 5],
    ]);
    const chosen = chooseColours(areas, ring, kept, 0);
    expect([chosen.get(3), chosen.get(9)]).toEqual([5, 5]);
    expect(chosen.get(4)).not.toBe(5);
  });

  it("turns to another arrangement", () => {
    expect([...chooseColours(areas, ring, new Map(), 5)]).not.toEqual([
      ...chooseColours(areas, ring, new Map(), 0),
    ]);
  });
});

describe("border lines", () => {
  const positions = Float32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
  const across = Int32Array.from([-1, 1, -1, -1, -1, 0]);

  it("run once along the side between two labels", () => {
    const lines = borderLines(
      positions,
      across,
      (face) => face,
      () => true,
    );
    expect([...lines]).toEqual([1, 0, 0, 0, 1, 0]);
    expect(
      borderLines(
        positions,
        across,
        () => 7,
        () => true,
      ).length,
    ).toBe(0);
    expect(
      borderLines(
        positions,
        across,
        (face) => face,
        () => false,
      ).length,
    ).toBe(0);
  });
});
