/** Pieces of a part that do not touch. */

import type { Payload } from "../domain/operations";
import type { State } from "../domain/state";
import { runsWhere } from "../domain/runs";

/** More pieces than this stay with the largest one: dust is not parts. */
export const MOST_PIECES = 24;

/**
 * Numbers the connected pieces of a set of faces, the largest (by faces) 1, and so on.
 *
 * @param across (3F) face across each side, -1 for none.
 * @returns (F) uint8: 0 outside the set; pieces beyond `MOST_PIECES` count as piece 1.
 */
export function pieces(across: Int32Array, member: (face: number) => boolean): Uint8Array {
  const faces = across.length / 3;
  const piece = new Int32Array(faces);
  const sizes: number[] = [0];
  const stack: number[] = [];
  for (let seed = 0; seed < faces; seed += 1) {
    if (piece[seed] !== 0 || !member(seed)) continue;
    const number = sizes.length;
    sizes.push(0);
    piece[seed] = number;
    stack.push(seed);
    for (let face = stack.pop(); face !== undefined; face = stack.pop()) {
      sizes[number] = (sizes[number] as number) + 1;
      for (let side = 3 * face; side < 3 * face + 3; side += 1) {
        const other = across[side] as number;
        if (other < 0 || piece[other] !== 0 || !member(other)) continue;
        piece[other] = number;
        stack.push(other);
      }
    }
  }
  const order = sizes.map((_, number) => number).slice(1);
  order.sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
  const rank = new Uint8Array(sizes.length);
  order.forEach((number, index) => {
    rank[number] = index < MOST_PIECES ? index + 1 : 1;
  });
  return Uint8Array.from(piece, (number) => (number === 0 ? 0 : (rank[number] as number)));
}

/**
 * Operations that give each piece of a group a group of its own; the first piece keeps the name.
 *
 * @param atomOfFace (F) atoms of `state`.
 * @param pieceOfFace (F) from `pieces`.
 */
export function separate(
  state: State,
  atomOfFace: ArrayLike<number>,
  group: number,
  pieceOfFace: Uint8Array,
): Payload[] {
  const found = new Map<number, Set<number>>();
  for (let face = 0; face < pieceOfFace.length; face += 1) {
    const piece = pieceOfFace[face] as number;
    if (piece === 0) continue;
    const atom = atomOfFace[face] as number;
    const set = found.get(atom) ?? new Set<number>();
    found.set(atom, set.add(piece));
  }
  const payloads: Payload[] = [];
  const leaving = new Map<number, number[]>();
  let next = state.groupOfAtom.length;
  for (const [atom, numbers] of [...found].sort(([a], [b]) => a - b)) {
    const [stays, ...others] = [...numbers].sort((a, b) => a - b) as [number, ...number[]];
    for (const piece of others) {
      const faces = runsWhere(
        pieceOfFace.length,
        (face) => atomOfFace[face] === atom && pieceOfFace[face] === piece,
      );
      payloads.push({ kind: "refine", atom, faces, method: "components" });
      leaving.set(piece, [...(leaving.get(piece) ?? []), next]);
      next += 1;
    }
    if (stays > 1) leaving.set(stays, [...(leaving.get(stays) ?? []), atom]);
  }
  const atoms = [...leaving].sort(([a], [b]) => a - b).map(([, list]) => list);
  return atoms.length > 0 ? [...payloads, { kind: "cleave", group, atoms }] : [];
}
