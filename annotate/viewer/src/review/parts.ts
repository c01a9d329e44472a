/** Size, place, colour and neighbours of the parts as they are now. */

import {
  type AtomMeasures,
  atomMeasures,
  faceAreas,
  faceCentroids,
  touching,
} from "../geometry/measures";
import type { Surface } from "../geometry/surface";
import { COLOURS, chooseColours } from "../scene/palette";
import type { ReviewDocument } from "./document";

export interface Part {
  readonly group: number;
  readonly atoms: readonly number[];
  readonly name: string;
  readonly dropped: boolean;
  /** Share of the object's area in [0, 1]. */
  readonly share: number;
  readonly faces: number;
  readonly centroid: readonly [number, number, number];
  readonly colour: readonly [number, number, number];
}

export class Parts {
  all = new Map<number, Part>();
  /** (F) area of each face. */
  readonly areas: Float32Array;
  private readonly centroids: Float32Array;
  private measures: AtomMeasures;
  private across: Int32Array | null = null;
  private touchingAtoms = new Map<number, Set<number>>();
  private colourOfAtom = new Map<number, number>();
  private turn = 0;

  constructor(
    private readonly document: ReviewDocument,
    surface: Surface,
  ) {
    this.areas = faceAreas(surface.positions);
    this.centroids = faceCentroids(surface.positions);
    this.measures = this.measured();
    this.update(false);
  }

  /** Adjacency arrived: colours are chosen again, once, now that neighbours are known. */
  setAdjacency(across: Int32Array): void {
    this.across = across;
    this.colourOfAtom.clear();
    this.update(true);
  }

  /** Another arrangement of colours. */
  recolour(): void {
    this.turn += 5;
    this.colourOfAtom.clear();
    this.update(false);
  }

  /** Follows the document. @param labels whether atoms of faces changed. */
  update(labels: boolean): void {
    if (labels) {
      this.measures = this.measured();
      const { atomOfFace } = this.document;
      if (this.across)
        this.touchingAtoms = touching((face) => atomOfFace[face] as number, this.across);
    }
    const groups = this.document.groups();
    const colours = this.colours(groups);
    const total = this.areas.reduce((sum, area) => sum + area, 0) || 1;
    this.all = new Map(
      [...groups].map(([group, atoms]) => [group, this.part(group, atoms, total, colours)]),
    );
  }

  private part(
    group: number,
    atoms: readonly number[],
    total: number,
    colours: ReadonlyMap<number, number>,
  ): Part {
    const { area, centroid, faces } = this.measures;
    const sum = (values: Float64Array): number =>
      atoms.reduce((all, atom) => all + (values[atom] as number), 0);
    const size = sum(area);
    const middle = [0, 1, 2].map(
      (axis) =>
        atoms.reduce(
          (all, atom) => all + (area[atom] as number) * (centroid[3 * atom + axis] as number),
          0,
        ) / (size || 1),
    ) as [number, number, number];
    return {
      group,
      atoms,
      name: this.document.shown.names.get(group) ?? "",
      dropped: this.document.shown.dropped.has(group),
      share: size / total,
      faces: sum(faces),
      centroid: middle,
      colour: COLOURS[colours.get(group) as number] as [number, number, number],
    };
  }

  /** Each group keeps the colour of its largest atom, unless a larger group has the same claim. */
  private colours(groups: ReadonlyMap<number, readonly number[]>): Map<number, number> {
    const { area } = this.measures;
    const areas = new Map<number, number>();
    const kept = new Map<number, number>();
    for (const [group, atoms] of groups) {
      areas.set(
        group,
        atoms.reduce((sum, atom) => sum + (area[atom] as number), 0),
      );
      const largest = atoms.reduce((best, atom) =>
        (area[atom] as number) > (area[best] as number) ? atom : best,
      );
      const colour = this.colourOfAtom.get(largest);
      if (colour !== undefined) kept.set(group, colour);
    }
    const neighbours = this.touchingGroups();
    this.release(kept, areas, neighbours);
    const chosen = chooseColours(areas, neighbours, kept, this.turn);
    for (const [group, atoms] of groups) {
      for (const atom of atoms) this.colourOfAtom.set(atom, chosen.get(group) as number);
    }
    return chosen;
  }

  /** After a split both sides claim one colour: the smaller of two that touch chooses anew. */
  private release(
    kept: Map<number, number>,
    areas: ReadonlyMap<number, number>,
    neighbours: ReadonlyMap<number, ReadonlySet<number>>,
  ): void {
    for (const [group, colour] of kept) {
      for (const other of neighbours.get(group) ?? []) {
        if (kept.get(other) !== colour) continue;
        kept.delete((areas.get(group) as number) < (areas.get(other) as number) ? group : other);
      }
    }
  }

  private touchingGroups(): Map<number, Set<number>> {
    const { groupOfAtom } = this.document.shown;
    const result = new Map<number, Set<number>>();
    for (const [atom, others] of this.touchingAtoms) {
      const group = groupOfAtom[atom] as number;
      const set = result.get(group) ?? new Set<number>();
      result.set(group, set);
      for (const other of others) set.add(groupOfAtom[other] as number);
      set.delete(group);
    }
    return result;
  }

  private measured(): AtomMeasures {
    const { atomOfFace, shown } = this.document;
    return atomMeasures(atomOfFace, shown.groupOfAtom.length, this.areas, this.centroids);
  }
}
