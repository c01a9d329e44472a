/** What the operations so far make of an object. */

import type { Operation } from "./operations";
import type { Runs } from "./runs";
import type { Tree } from "./tree";

export interface Base {
  /** (F) atom of each face before any refinement. */
  readonly atomOfFace: Uint16Array | Uint32Array;
  /** S: segments, which are the first atoms. */
  readonly segments: number;
  readonly tree: Tree;
}

/** Atom S + i of a state is its i-th refinement. */
export interface Refinement {
  readonly parent: number;
  readonly faces: Runs;
}

export interface State {
  /** By atom: the smallest atom of its group. */
  readonly groupOfAtom: readonly number[];
  readonly refinements: readonly Refinement[];
  readonly names: ReadonlyMap<number, string>;
  readonly dropped: ReadonlySet<number>;
  /** Number of operations, undo and redo included. */
  readonly version: number;
  /** Operations in force, the oldest first. */
  readonly done: readonly Operation[];
  /** Operations undone, the one to be redone first at the end. */
  readonly undone: readonly Operation[];
  /** Of all operations, undo and redo included. */
  readonly ids: ReadonlySet<string>;
}

/** Atoms of each group, ascending; groups in the order of their ids. */
export function groupsOf(state: State): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  state.groupOfAtom.forEach((group, atom) => {
    const atoms = groups.get(group);
    if (atoms) atoms.push(atom);
    else groups.set(group, [atom]);
  });
  return groups;
}

/** The segment that an atom is, or was cut from. */
export function segmentOf(state: State, segments: number, atom: number): number {
  let found = atom;
  while (found >= segments) found = (state.refinements[found - segments] as Refinement).parent;
  return found;
}
