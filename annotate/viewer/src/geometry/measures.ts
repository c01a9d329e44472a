/** Areas, centroids and adjacency numbers of faces and of atoms. */

/** Area of each face. @param positions (9F) float32. @returns (F) float32. */
export function faceAreas(positions: Float32Array): Float32Array {
  const areas = new Float32Array(positions.length / 9);
  for (let face = 0; face < areas.length; face += 1) {
    const p = (index: number): number => positions[9 * face + index] as number;
    const ux = p(3) - p(0);
    const uy = p(4) - p(1);
    const uz = p(5) - p(2);
    const vx = p(6) - p(0);
    const vy = p(7) - p(1);
    const vz = p(8) - p(2);
    areas[face] = 0.5 * Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
  }
  return areas;
}

/** Centroid of each face. @param positions (9F) float32. @returns (3F) float32. */
export function faceCentroids(positions: Float32Array): Float32Array {
  const centroids = new Float32Array(positions.length / 3);
  for (let index = 0; index < centroids.length; index += 1) {
    const corner = Math.floor(index / 3) * 9 + (index % 3);
    centroids[index] =
      ((positions[corner] as number) +
        (positions[corner + 3] as number) +
        (positions[corner + 6] as number)) /
      3;
  }
  return centroids;
}

export interface AtomMeasures {
  /** (A) float64: summed area of its faces. */
  readonly area: Float64Array;
  /** (3A) float64: area-weighted centroid. */
  readonly centroid: Float64Array;
  /** (A) float64: how many faces it has. */
  readonly faces: Float64Array;
}

/** Sums over the faces of each atom; atoms without area stay at the origin. */
export function atomMeasures(
  atomOfFace: ArrayLike<number>,
  atoms: number,
  areas: Float32Array,
  centroids: Float32Array,
): AtomMeasures {
  const area = new Float64Array(atoms);
  const centroid = new Float64Array(3 * atoms);
  const faces = new Float64Array(atoms);
  for (let face = 0; face < areas.length; face += 1) {
    const atom = atomOfFace[face] as number;
    const weight = areas[face] as number;
    area[atom] = (area[atom] as number) + weight;
    faces[atom] = (faces[atom] as number) + 1;
    for (let axis = 0; axis < 3; axis += 1) {
      const slot = 3 * atom + axis;
      centroid[slot] = (centroid[slot] as number) + weight * (centroids[3 * face + axis] as number);
    }
  }
  for (let slot = 0; slot < centroid.length; slot += 1) {
    const weight = area[Math.floor(slot / 3)] as number;
    if (weight > 0) centroid[slot] = (centroid[slot] as number) / weight;
  }
  return { area, centroid, faces };
}

/** Pairs of labels that touch, as a set of neighbours for each label. */
export function touching(
  labelOfFace: (face: number) => number,
  across: Int32Array,
): Map<number, Set<number>> {
  const result = new Map<number, Set<number>>();
  for (let side = 0; side < across.length; side += 1) {
    const other = across[side] as number;
    if (other < 0) continue;
    const a = labelOfFace(Math.floor(side / 3));
    const b = labelOfFace(other);
    if (a === b) continue;
    const set = result.get(a);
    if (set) set.add(b);
    else result.set(a, new Set([b]));
  }
  return result;
}
