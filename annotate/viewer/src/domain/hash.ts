/** Fingerprint of a state, byte for byte the server's. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

import type { State } from "./state";

const MAGIC = "partworks-review-state-1";

/**
 * SHA-256 (hex) of: the magic; F, R and R pairs (atom, length) of maximal runs of faces; A and the
 * group of each atom; N and (group, bytes of name, name) ascending; D and dropped groups ascending.
 * Numbers are little-endian unsigned 32-bit.
 *
 * @param atomOfFace (F) atom of each face, refinements included.
 */
export function stateHash(state: State, atomOfFace: ArrayLike<number>): string {
  const hash = sha256.create().update(utf8ToBytes(MAGIC));
  const numbers = (values: readonly number[]): void => {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((value, index) => {
      view.setUint32(4 * index, value, true);
    });
    hash.update(new Uint8Array(view.buffer));
  };
  const runs = labelRuns(atomOfFace);
  numbers([atomOfFace.length, runs.length / 2]);
  numbers(runs);
  numbers([state.groupOfAtom.length, ...state.groupOfAtom]);
  numbers([state.names.size]);
  for (const [group, name] of [...state.names].sort(([a], [b]) => a - b)) {
    const bytes = utf8ToBytes(name);
    numbers([group, bytes.length]);
    hash.update(bytes);
  }
  numbers([state.dropped.size, ...[...state.dropped].sort((a, b) => a - b)]);
  return bytesToHex(hash.digest());
}

function labelRuns(labels: ArrayLike<number>): number[] {
  const runs: number[] = [];
  let start = 0;
  for (let face = 1; face <= labels.length; face += 1) {
    if (face < labels.length && labels[face] === labels[start]) continue;
    runs.push(labels[start] as number, face - start);
    start = face;
  }
  return runs;
}
