import { BoxGeometry, type BufferAttribute, SphereGeometry } from "three";
import { describe, expect, it } from "vitest";

import { atomMeasures, faceAreas, faceCentroids, touching } from "../../src/geometry/measures";
import { inPolygon } from "../../src/geometry/polygon";
import { neighbours, weld } from "../../src/geometry/weld";

function corners(geometry: BoxGeometry | SphereGeometry): Float32Array {
  return (geometry.toNonIndexed().getAttribute("position") as BufferAttribute)
    .array as Float32Array;
}

describe("welding", () => {
  it("joins the corners of a box, whose file has 24 of them", () => {
    expect(new Set(weld(corners(new BoxGeometry(1, 2, 3)))).size).toBe(8);
  });

  it("takes minus zero for zero", () => {
    expect([...weld(new Float32Array([0, 1, 0, -0, 1, -0]))]).toEqual([0, 0]);
  });
});

describe("neighbours", () => {
  it("closes a box over its seams: every side has a face across, and it is mutual", () => {
    const across = neighbours(corners(new BoxGeometry(1, 1, 1, 3, 3, 3)));
    expect(across.every((face) => face >= 0)).toBe(true);
    across.forEach((other, side) => {
      expect([...across.slice(3 * other, 3 * other + 3)]).toContain(Math.floor(side / 3));
    });
  });

  it("leaves the sides of a lone triangle open", () => {
    expect([...neighbours(new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0]))]).toEqual([-1, -1, -1]);
  });

  it("tells which labels touch", () => {
    const across = neighbours(corners(new BoxGeometry(1, 1, 1)));
    const found = touching((face) => Math.floor(face / 2), across); // a label for each side of the box
    for (const [label, others] of found)
      expect(others).toEqual(new Set([0, 1, 2, 3, 4, 5].filter((o) => o >> 1 !== label >> 1)));
    expect(found.size).toBe(6);
  });
});

describe("measures", () => {
  it("sum to the surface and the middle of a box", () => {
    const positions = corners(new BoxGeometry(1, 2, 3, 2, 2, 2));
    const areas = faceAreas(positions);
    const atoms = Uint16Array.from(areas, (_, face) => face % 3);
    const measures = atomMeasures(atoms, 3, areas, faceCentroids(positions));
    const total = measures.area.reduce((sum, value) => sum + value, 0);
    expect(total).toBeCloseTo(22, 5);
    for (let axis = 0; axis < 3; axis += 1) {
      const middle = measures.area.reduce(
        (sum, area, atom) => sum + (area * (measures.centroid[3 * atom + axis] as number)) / total,
        0,
      );
      expect(middle).toBeCloseTo(0, 5);
    }
    expect([...measures.faces].reduce((a, b) => a + b)).toBe(areas.length);
  });
});

describe("polygons", () => {
  it("have an inside by the even-odd rule", () => {
    const star: [number, number][] = [
      [0, 3],
      [2, -3],
      [-3, 1],
      [3, 1],
      [-2, -3],
    ];
    expect(inPolygon(0, 2, star)).toBe(true);
    expect(inPolygon(0, 0, star)).toBe(false); // the heart of a pentagram is wound twice
    expect(inPolygon(3, 3, star)).toBe(false);
  });
});
