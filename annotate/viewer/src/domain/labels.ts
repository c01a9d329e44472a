/** The atom of each face, with the refinements of a state. */

import { eachFace } from "./runs";
import type { Base, State } from "./state";

/** Writes (F) atoms into `into`, which is returned. */
export function writeLabels<Labels extends Uint16Array | Uint32Array>(
  base: Base,
  state: State,
  into: Labels,
): Labels {
  into.set(base.atomOfFace);
  state.refinements.forEach((refinement, index) => {
    const atom = base.segments + index;
    eachFace(refinement.faces, (face) => {
      into[face] = atom;
    });
  });
  return into;
}
