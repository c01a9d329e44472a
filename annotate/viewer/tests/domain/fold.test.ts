/** The server's fold and the page's must agree: both run the same cases. */

import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { check } from "../../src/domain/checks";
import { OperationError } from "../../src/domain/errors";
import { fold, gestureLength, initial, step } from "../../src/domain/fold";
import { stateHash } from "../../src/domain/hash";
import { writeLabels } from "../../src/domain/labels";
import type { Operation } from "../../src/domain/operations";
import type { Base, State } from "../../src/domain/state";
import type { Tree } from "../../src/domain/tree";

const FOLDER = new URL("../../../../tests/annotate/review/cases/", import.meta.url);

interface Expected {
  readonly version: number;
  readonly group_of_atom: readonly number[];
  readonly atom_runs: readonly number[];
  readonly names: Readonly<Record<string, string>>;
  readonly dropped: readonly number[];
  readonly can_undo: boolean;
  readonly can_redo: boolean;
  readonly hash: string;
}

interface Case {
  readonly name: string;
  readonly base: { readonly atom_of_face: readonly number[]; readonly tree: Tree };
  readonly first: Expected;
  readonly steps: readonly {
    readonly operation: Operation;
    readonly state?: Expected;
    readonly error?: string;
  }[];
}

const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Case);

function baseOf({ base }: Case): Base {
  return {
    atomOfFace: Uint32Array.from(base.atom_of_face),
    segments: base.tree.heights.length + 1,
    tree: base.tree,
  };
}

function described(base: Base, state: State): Expected {
  const labels = writeLabels(base, state, base.atomOfFace.slice());
  const runs: number[] = [];
  labels.forEach((atom, face) => {
    if (face > 0 && labels[face - 1] === atom) runs.push((runs.pop() as number) + 1);
    else runs.push(atom, 1);
  });
  return {
    version: state.version,
    group_of_atom: state.groupOfAtom,
    atom_runs: runs,
    names: Object.fromEntries([...state.names].map(([group, name]) => [String(group), name])),
    dropped: [...state.dropped].sort((a, b) => a - b),
    can_undo: state.done.length > 0,
    can_redo: state.undone.length > 0,
    hash: stateHash(state, labels),
  };
}

describe("parity with the server", () => {
  it("has cases", () => {
    expect(cases.length).toBeGreaterThan(5);
  });

  it.each(cases)("$name", (found) => {
    const base = baseOf(found);
    const accepted: Operation[] = [];
    let state = initial(base);
    expect(described(base, state)).toEqual(found.first);
    for (const { operation, state: expected, error } of found.steps) {
      const labels = writeLabels(base, state, base.atomOfFace.slice());
      if (error !== undefined) {
        const refused = () => check(base, state, labels, operation);
        expect(refused).toThrow(OperationError);
        expect(refused).toThrow(expect.objectContaining({ code: error }));
        continue;
      }
      check(base, state, labels, operation);
      state = step(base, state, operation);
      accepted.push(operation);
      expect(described(base, state)).toEqual(expected);
      expect(described(base, fold(base, accepted))).toEqual(expected);
    }
  });
});

describe("gestures", () => {
  it("counts operations of one tool at one time", () => {
    const at = (time: number, tool: string): Operation => ({
      kind: "drop",
      group: 0,
      dropped: true,
      id: "",
      at: time,
      tool,
    });
    expect(gestureLength([])).toBe(0);
    expect(gestureLength([at(1, "brush"), at(2, "brush"), at(2, "brush")])).toBe(2);
    expect(gestureLength([at(2, "key"), at(2, "brush")])).toBe(1);
  });
});
