/** Colours of groups: far apart for neighbours, kept by the larger side of a merge. */

import { type Colour, contrast } from "./vision";

/** Sixteen colours (sRGB): Okabe and Ito's without black, and those that are farthest from them. */
export const COLOURS: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [120, 30, 0],
  [150, 240, 230],
  [0, 75, 105],
  [180, 195, 165],
  [165, 105, 240],
  [165, 60, 45],
  [105, 30, 165],
  [250, 200, 175],
  [135, 90, 120],
];

const CONTRAST = COLOURS.map((a) => COLOURS.map((b) => contrast(a, b)));
/** Beyond this, colours are as different as they need to be. */
const ENOUGH = 30;
/** What one earlier use of a colour costs, in the units of `contrast`. */
const USED = 4;

/**
 * A colour number for each group.
 *
 * Larger groups choose first; each takes the colour that is farthest from those of its neighbours
 * that have chosen, to whichever kind of eye tells them apart worst, and among equals the least used
 * one. So sixteen colours serve any number of groups, and two that touch look different.
 *
 * @param areas area by group.
 * @param neighbours groups that touch, by group.
 * @param kept colours that must not change, by group.
 * @param turn shifts the choice: another arrangement of the same quality.
 */
export function chooseColours(
  areas: ReadonlyMap<number, number>,
  neighbours: ReadonlyMap<number, ReadonlySet<number>>,
  kept: ReadonlyMap<number, number>,
  turn: number,
): Map<number, number> {
  const chosen = new Map(kept);
  const uses = new Array<number>(COLOURS.length).fill(0);
  for (const colour of kept.values()) uses[colour] = (uses[colour] as number) + 1;
  const order = [...areas.keys()].sort(
    (a, b) => (areas.get(b) as number) - (areas.get(a) as number) || a - b,
  );
  for (const group of order) {
    if (chosen.has(group)) continue;
    const taken = [...(neighbours.get(group) ?? [])].flatMap((other) => {
      const colour = chosen.get(other);
      return colour === undefined ? [] : [colour];
    });
    const best = bestColour(taken, uses, turn);
    chosen.set(group, best);
    uses[best] = (uses[best] as number) + 1;
  }
  return chosen;
}

function bestColour(taken: readonly number[], uses: readonly number[], turn: number): number {
  let best = 0;
  let bestScore = -Infinity;
  for (let step = 0; step < COLOURS.length; step += 1) {
    const colour = (step + turn) % COLOURS.length;
    const gaps = taken.map((other) => (CONTRAST[colour] as number[])[other] as number);
    const gap = Math.min(ENOUGH, ...gaps);
    // Use counts only among colours that are told apart well; contrast is what it is all for.
    const score = gap < ENOUGH / 2 ? gap - 1000 : gap - USED * (uses[colour] as number);
    if (score > bestScore) {
      bestScore = score;
      best = colour;
    }
  }
  return best;
}
