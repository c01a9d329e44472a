import { describe, expect, it } from "vitest";

import { difference } from "../../src/domain/difference";
import { newId } from "../../src/domain/operations";
import { eachFace, faceCount, runsWhere } from "../../src/domain/runs";
import { countAt, cutTree } from "../../src/domain/tree";

describe("runs of faces", () => {
  it("go there and back", () => {
    const members = new Set([0, 1, 2, 5, 9]);
    const runs = runsWhere(10, (face) => members.has(face));
    expect(runs).toEqual([0, 3, 5, 1, 9, 1]);
    const back: number[] = [];
    eachFace(runs, (face) => back.push(face));
    expect(back).toEqual([...members]);
    expect(faceCount(runs)).toBe(members.size);
    expect(runsWhere(10, () => false)).toEqual([]);
  });
});

describe("the tree", () => {
  const tree = {
    children: [
      [2, 3],
      [0, 4],
      [1, 5],
    ] as [number, number][],
    heights: [0.1, 0.5, 0.5],
    default_height: 0.1,
  };

  it("is cut to a number of groups named by their smallest segment", () => {
    expect([4, 3, 2, 1].map((count) => [...cutTree(tree, 4, count)])).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 2],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("counts groups above a height", () => {
    expect([0, 0.1, 0.5].map((height) => countAt(tree, height))).toEqual([4, 3, 1]);
  });
});

describe("ids", () => {
  it("are version-4 UUIDs, each another", () => {
    const ids = Array.from({ length: 200 }, newId);
    expect(new Set(ids).size).toBe(200);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("the difference of two opinions", () => {
  const areas = [1, 1, 1, 1, 1, 1];

  it("does not depend on names", () => {
    expect([...difference([0, 0, 0, 3, 3, 3], [7, 7, 7, 1, 1, 1], areas)]).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });

  it("is the smaller side of a split", () => {
    expect([...difference([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 4, 4], areas)]).toEqual([
      0, 0, 0, 0, 1, 1,
    ]);
    expect([...difference([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 4, 4], [1, 1, 1, 1, 9, 9])]).toEqual([
      1, 1, 1, 1, 0, 0,
    ]);
  });

  it("sees what only one has dropped", () => {
    expect([...difference([0, 0, 0, 1, 1, 1], [0, 0, 0, -1, -1, -1], areas)]).toEqual([
      0, 0, 0, 1, 1, 1,
    ]);
  });
});
