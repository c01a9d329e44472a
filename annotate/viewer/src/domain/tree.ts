/** The merge tree of an object's segments. */

export interface Tree {
  /** Row k makes inner node S + k out of two earlier nodes. */
  readonly children: readonly (readonly [number, number])[];
  /** By row, never falling. */
  readonly heights: readonly number[];
  readonly default_height: number;
}

/** How many groups are left when everything up to `height` is merged. */
export function countAt(tree: Tree, height: number): number {
  return tree.heights.filter((value) => value > height).length + 1;
}

/**
 * Groups of segments after merging, lowest heights first, down to `count` groups.
 *
 * @returns (S) smallest segment of each segment's group.
 */
export function cutTree(tree: Tree, segments: number, count: number): Int32Array {
  const parent = Int32Array.from({ length: Math.max(2 * segments - 1, 0) }, (_, node) => node);
  for (let row = 0; row < segments - Math.max(count, 1); row += 1) {
    const [left, right] = tree.children[row] as readonly [number, number];
    parent[left] = segments + row;
    parent[right] = segments + row;
  }
  for (let node = parent.length - 1; node >= 0; node -= 1) {
    parent[node] = parent[parent[node] as number] as number; // parents come after their children
  }
  const smallest = new Map<number, number>();
  return Int32Array.from({ length: segments }, (_, segment) => {
    const root = parent[segment] as number;
    if (!smallest.has(root)) smallest.set(root, segment);
    return smallest.get(root) as number;
  });
}
