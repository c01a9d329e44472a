/** Where two opinions on the parts of one object differ. */

/**
 * Marks faces that the opinions put into different parts.
 *
 * Parts are matched one to one, pairs with the most area in common first; a face differs if its two
 * parts are not a pair.
 *
 * @param first and @param second (F) group of each face, -1 where dropped.
 * @param areas (F).
 * @returns (F) 1 where they differ.
 */
export function difference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  areas: ArrayLike<number>,
): Uint8Array {
  const shared = new Map<string, { a: number; b: number; area: number }>();
  for (let face = 0; face < areas.length; face += 1) {
    const a = first[face] as number;
    const b = second[face] as number;
    const key = `${a},${b}`;
    const entry = shared.get(key) ?? { a, b, area: 0 };
    entry.area += areas[face] as number;
    shared.set(key, entry);
  }
  const match = new Map<number, number>();
  const taken = new Set<number>();
  const pairs = [...shared.values()].sort((x, y) => y.area - x.area || x.a - y.a || x.b - y.b);
  for (const { a, b } of pairs) {
    // Dropped is dropped: it pairs with nothing else.
    if (match.has(a) || taken.has(b) || a < 0 !== b < 0) continue;
    match.set(a, b);
    taken.add(b);
  }
  return Uint8Array.from({ length: areas.length }, (_, face) =>
    match.get(first[face] as number) === second[face] ? 0 : 1,
  );
}
