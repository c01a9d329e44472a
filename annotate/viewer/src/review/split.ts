/** From painted faces to operations: cut the atoms that are painted in part, then gather. */

import type { Payload } from "../domain/operations";
import { runsWhere } from "../domain/runs";
import type { State } from "../domain/state";

/**
 * Operations that make painted faces one new part.
 *
 * Atoms that are painted in part are refined first; then whatever is painted leaves its group. Of a
 * group that is painted whole nothing is left behind, so it is merged rather than cleaved.
 *
 * @param atomOfFace (F) atoms of `state`.
 * @param painted (F) not zero where the reviewer painted.
 * @param method how the faces were found, such as `brush`.
 */
export function splitPainted(
  state: State,
  atomOfFace: ArrayLike<number>,
  painted: ArrayLike<number>,
  method: string,
): Payload[] {
  const { total, inside } = countPainted(state, atomOfFace, painted);
  const payloads: Payload[] = [];
  const leaving = new Map<number, number[]>();
  let next = state.groupOfAtom.length;
  inside.forEach((count, atom) => {
    if (count === 0) return;
    const group = state.groupOfAtom[atom] as number;
    const atoms = leaving.get(group) ?? [];
    leaving.set(group, atoms);
    if (count === total[atom]) {
      atoms.push(atom);
      return;
    }
    const faces = runsWhere(
      atomOfFace.length,
      (face) => atomOfFace[face] === atom && painted[face] !== 0,
    );
    payloads.push({ kind: "refine", atom, faces, method });
    atoms.push(next);
    next += 1;
  });
  return [...payloads, ...gather(state, leaving)];
}

function countPainted(
  state: State,
  atomOfFace: ArrayLike<number>,
  painted: ArrayLike<number>,
): { total: number[]; inside: number[] } {
  const total = new Array<number>(state.groupOfAtom.length).fill(0);
  const inside = [...total];
  for (let face = 0; face < atomOfFace.length; face += 1) {
    const atom = atomOfFace[face] as number;
    total[atom] = (total[atom] as number) + 1;
    if (painted[face]) inside[atom] = (inside[atom] as number) + 1;
  }
  return { total, inside };
}

/** One new group of the leaving atoms: the first group is cleaved, the others' atoms join it. */
function gather(state: State, leaving: ReadonlyMap<number, readonly number[]>): Payload[] {
  const groups = [...leaving.keys()].sort((a, b) => a - b);
  const all = groups.flatMap((group) => leaving.get(group) as number[]);
  const isWhole = (group: number): boolean => {
    const kept = state.groupOfAtom.filter((other) => other === group).length;
    const atoms = leaving.get(group) as readonly number[];
    return atoms.length === kept && atoms.every((atom) => state.groupOfAtom[atom] === group);
  };
  const whole = groups.filter(isWhole);
  const anchor = whole[0];
  if (anchor !== undefined) {
    const others = all.filter((atom) => state.groupOfAtom[atom] !== anchor);
    return others.length > 0 ? [{ kind: "assign", atoms: others, group: anchor }] : [];
  }
  const first = groups[0];
  if (first === undefined) return [];
  const start = [...(leaving.get(first) as readonly number[])].sort((a, b) => a - b);
  const rest = all.filter((atom) => !start.includes(atom));
  const cleave: Payload = { kind: "cleave", group: first, atoms: [start] };
  const target = start[0] as number;
  return rest.length > 0 ? [cleave, { kind: "assign", atoms: rest, group: target }] : [cleave];
}
