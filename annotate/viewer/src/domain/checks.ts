/** Whether an operation fits the state it meets: the rules and codes of the server's check. */

import { OperationError } from "./errors";
import type { Operation } from "./operations";
import { eachFace, faceCount } from "./runs";
import type { Base, State } from "./state";

const MOST_ATOMS = 65_535;

/** Throws an `OperationError` if the operation does not fit. @param atomOfFace (F) of `state`. */
export function check(
  base: Base,
  state: State,
  atomOfFace: ArrayLike<number>,
  operation: Operation,
): void {
  if (state.ids.has(operation.id)) refuse("repeated_id", "This operation was made already.");
  switch (operation.kind) {
    case "merge":
      some(operation.groups, 2, "groups");
      for (const group of operation.groups) knownGroup(state, group);
      return;
    case "cleave":
      checkCleave(state, operation.group, operation.atoms);
      return;
    case "refine":
      checkRefine(state, atomOfFace, operation.atom, operation.faces);
      return;
    case "level":
      if (operation.count < 1 || operation.count > base.segments) {
        refuse("bad_count", `The object has 1 to ${base.segments} parts by the tree.`);
      }
      return;
    case "assign":
      knownGroup(state, operation.group);
      knownAtoms(state, operation.atoms);
      if (operation.atoms.every((atom) => state.groupOfAtom[atom] === operation.group)) {
        refuse("no_effect", "The part has these segments already.");
      }
      return;
    case "rename":
    case "drop":
      knownGroup(state, operation.group);
      return;
    case "undo":
      if (state.done.length === 0) refuse("nothing_to_undo", "There is nothing to undo.");
      return;
    case "redo":
      if (state.undone.length === 0) refuse("nothing_to_redo", "There is nothing to redo.");
  }
}

function refuse(code: string, message: string): never {
  throw new OperationError(code, message);
}

function some(values: readonly number[], least: number, what: string): void {
  if (new Set(values).size !== values.length) refuse("repeated", `Some ${what} are listed twice.`);
  if (values.length < least) refuse("empty", `Choose at least ${least} ${what}.`);
}

function knownGroup(state: State, group: number): void {
  if (state.groupOfAtom[group] !== group)
    refuse("unknown_group", `Part ${group} is not there now.`);
}

function knownAtoms(state: State, atoms: readonly number[]): void {
  some(atoms, 1, "segments");
  if (atoms.some((atom) => atom >= state.groupOfAtom.length)) {
    refuse("unknown_atom", "Some segments are not there now.");
  }
}

function checkCleave(state: State, group: number, atoms: readonly (readonly number[])[]): void {
  knownGroup(state, group);
  if (atoms.length === 0 || atoms.some((list) => list.length === 0)) {
    refuse("empty", "Choose at least one segment that leaves.");
  }
  const leaving = atoms.flat();
  knownAtoms(state, leaving);
  if (leaving.some((atom) => state.groupOfAtom[atom] !== group)) {
    refuse("not_in_group", "Some segments are not in the part.");
  }
  if (leaving.length === state.groupOfAtom.filter((other) => other === group).length) {
    refuse("whole_group", "Nothing would stay in the part.");
  }
}

function checkRefine(
  state: State,
  atomOfFace: ArrayLike<number>,
  atom: number,
  faces: readonly number[],
): void {
  knownAtoms(state, [atom]);
  if (state.groupOfAtom.length >= MOST_ATOMS)
    refuse("too_many_atoms", "No more splits are possible.");
  if (faces.length === 0) refuse("empty", "Choose at least one face.");
  if (faces.length % 2) refuse("malformed", "Runs of faces are pairs of start and length.");
  for (let index = 0; index < faces.length; index += 2) {
    const start = faces[index] as number;
    const length = faces[index + 1] as number;
    if (length === 0) refuse("empty", "A run of faces has no length.");
    if (start + length > atomOfFace.length) refuse("unknown_face", "Some faces are not there.");
    const end = index === 0 ? -1 : (faces[index - 2] as number) + (faces[index - 1] as number);
    if (start <= end) refuse("repeated", "Runs of faces must ascend and not touch.");
  }
  eachFace(faces, (face) => {
    if (atomOfFace[face] !== atom) refuse("not_in_atom", "Some faces are not in the segment.");
  });
  let size = 0;
  for (let face = 0; face < atomOfFace.length; face += 1) if (atomOfFace[face] === atom) size += 1;
  if (faceCount(faces) === size) refuse("whole_atom", "Nothing would stay in the segment.");
}
