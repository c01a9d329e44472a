/** Adjacency of faces over welded positions: a GLB splits vertices at UV seams, a part does not. */

const EMPTY = 0xffffffff;

function tableSize(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(entries * 2, 16)));
}

/**
 * Numbers positions by their exact bits.
 *
 * @param positions (3V) float32.
 * @returns (V) uint32: the number of the first vertex at the same place.
 */
export function weld(positions: Float32Array): Uint32Array {
  const count = positions.length / 3;
  const bits = new Uint32Array(positions.buffer, positions.byteOffset, positions.length);
  const size = tableSize(count);
  const table = new Uint32Array(size).fill(EMPTY);
  const welded = new Uint32Array(count);
  const word = (index: number): number => {
    const value = bits[index] as number;
    return value === 0x80000000 ? 0 : value; // -0 is 0
  };
  for (let vertex = 0; vertex < count; vertex += 1) {
    const x = word(3 * vertex);
    const y = word(3 * vertex + 1);
    const z = word(3 * vertex + 2);
    let slot = Math.imul(Math.imul(Math.imul(x, 0x9e3779b1) ^ y, 0x85ebca6b) ^ z, 0xc2b2ae35);
    slot = ((slot ^ (slot >>> 15)) >>> 0) & (size - 1);
    for (;;) {
      const other = table[slot] as number;
      if (other === EMPTY) {
        table[slot] = vertex;
        welded[vertex] = vertex;
        break;
      }
      if (word(3 * other) === x && word(3 * other + 1) === y && word(3 * other + 2) === z) {
        welded[vertex] = other;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  return welded;
}

/**
 * The face across each side of each face.
 *
 * Side k of face f runs from its corner k to corner k + 1. Sides with no other face hold -1; where
 * more than two faces meet, only the first two are linked.
 *
 * @param positions (9F) float32, not indexed.
 * @returns (3F) int32.
 */
export function neighbours(positions: Float32Array): Int32Array {
  const vertex = weld(positions);
  const sides = vertex.length;
  const across = new Int32Array(sides).fill(-1);
  const size = tableSize(sides);
  const table = new Uint32Array(size).fill(EMPTY);
  const end = (side: number): number => vertex[side % 3 === 2 ? side - 2 : side + 1] as number;
  for (let side = 0; side < sides; side += 1) {
    const a = vertex[side] as number;
    const b = end(side);
    if (a === b) continue;
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    let slot = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    slot = ((slot ^ (slot >>> 15)) >>> 0) & (size - 1);
    for (;;) {
      const other = table[slot] as number;
      if (other === EMPTY) {
        table[slot] = side;
        break;
      }
      const c = vertex[other] as number;
      const d = end(other);
      if (Math.min(c, d) === low && Math.max(c, d) === high) {
        if (across[other] === -1) {
          across[other] = Math.floor(side / 3);
          across[side] = Math.floor(other / 3);
        }
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  return across;
}
