/** Sets of faces as run lengths `[start, length, start, length, …]`, ascending and disjoint. */

export type Runs = readonly number[];

/** Runs of the faces for which `member` holds, out of `count` faces. */
export function runsWhere(count: number, member: (face: number) => boolean): number[] {
  const runs: number[] = [];
  let start = -1;
  for (let face = 0; face <= count; face += 1) {
    const inside = face < count && member(face);
    if (inside && start < 0) start = face;
    if (!inside && start >= 0) {
      runs.push(start, face - start);
      start = -1;
    }
  }
  return runs;
}

/** Calls `visit` for each face, in ascending order. */
export function eachFace(runs: Runs, visit: (face: number) => void): void {
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const start = runs[index] as number;
    const end = start + (runs[index + 1] as number);
    for (let face = start; face < end; face += 1) visit(face);
  }
}

/** How many faces the runs hold. */
export function faceCount(runs: Runs): number {
  let total = 0;
  for (let index = 1; index < runs.length; index += 2) total += runs[index] as number;
  return total;
}
