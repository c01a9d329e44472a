import { describe, expect, it } from "vitest";

import { check } from "../../src/domain/checks";
import { initial, step } from "../../src/domain/fold";
import { writeLabels } from "../../src/domain/labels";
import { type Payload, stamped } from "../../src/domain/operations";
import type { Base, State } from "../../src/domain/state";
import { pieces, separate } from "../../src/review/components";
import { splitPainted } from "../../src/review/split";

/** Twelve faces in four atoms of three; 0 and 1 are one group, 2 and 3 another. */
const base: Base = {
  atomOfFace: Uint16Array.from([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
  segments: 4,
  tree: {
    children: [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
    heights: [0.1, 0.2, 0.9],
    default_height: 0.5,
  },
};

function run(payloads: readonly Payload[], start: State = initial(base)): number[] {
  let state = start;
  for (const payload of payloads) {
    const operation = stamped(payload, "brush");
    check(base, state, writeLabels(base, state, base.atomOfFace.slice()), operation);
    state = step(base, state, operation);
  }
  const atoms = writeLabels(base, state, base.atomOfFace.slice());
  return [...atoms].map((atom) => state.groupOfAtom[atom] as number);
}

/** Faces with the same label, as lists. */
function sets(labels: readonly number[]): string[] {
  const found = new Map<number, number[]>();
  labels.forEach((label, face) => found.set(label, [...(found.get(label) ?? []), face]));
  return [...found.values()].map((faces) => faces.join());
}

const paint = (...faces: number[]): Uint8Array =>
  Uint8Array.from({ length: 12 }, (_, face) => (faces.includes(face) ? 1 : 0));

describe("painted faces become one part", () => {
  it.each([
    ["a bit of an atom", [1], ["0,2,3,4,5", "1", "6,7,8,9,10,11"]],
    ["a whole atom", [3, 4, 5], ["0,1,2", "3,4,5", "6,7,8,9,10,11"]],
    ["over two atoms of a group", [1, 2, 3], ["0,4,5", "1,2,3", "6,7,8,9,10,11"]],
    ["over two groups", [2, 5, 6, 9], ["0,1,3,4", "2,5,6,9", "7,8,10,11"]],
    ["a whole group and a bit of another", [0, 1, 2, 3, 4, 5, 6], ["0,1,2,3,4,5,6", "7,8,9,10,11"]],
    ["a whole group alone: nothing to do", [0, 1, 2, 3, 4, 5], ["0,1,2,3,4,5", "6,7,8,9,10,11"]],
    ["everything: one part", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], ["0,1,2,3,4,5,6,7,8,9,10,11"]],
    ["nothing", [], ["0,1,2,3,4,5", "6,7,8,9,10,11"]],
  ])("%s", (_, faces, expected) => {
    const payloads = splitPainted(initial(base), base.atomOfFace, paint(...faces), "brush");
    expect(sets(run(payloads)).sort()).toEqual([...expected].sort());
  });
});

describe("pieces", () => {
  /** A strip: face f touches f - 1 and f + 1, but 4 and 5, and 8 and 9 are apart. */
  const across = Int32Array.from({ length: 36 }, (_, side) => {
    const face = Math.floor(side / 3);
    const other = side % 3 === 0 ? face - 1 : side % 3 === 1 ? face + 1 : -1;
    const cut = [
      [4, 5],
      [8, 9],
    ].some(([a, b]) => Math.min(face, other) === a && Math.max(face, other) === b);
    return other < 0 || other > 11 || cut ? -1 : other;
  });

  it("are numbered by size", () => {
    expect([...pieces(across, () => true)]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    expect([...pieces(across, (face) => face > 3)]).toEqual([0, 0, 0, 0, 3, 1, 1, 1, 1, 2, 2, 2]);
  });

  it("become groups of their own, across and within atoms", () => {
    const whole = step(base, initial(base), stamped({ kind: "merge", groups: [0, 2] }, "key"));
    const payloads = separate(
      whole,
      base.atomOfFace,
      0,
      pieces(across, () => true),
    );
    expect(sets(run(payloads, whole)).sort()).toEqual(["0,1,2,3,4", "5,6,7,8", "9,10,11"]);
  });

  it("of a part in one piece ask for nothing", () => {
    const group = (face: number): boolean => face < 3;
    expect(separate(initial(base), base.atomOfFace, 0, pieces(across, group))).toEqual([]);
  });
});
