/** One object on the stage: its document, what is chosen, and how both look. */

import type { Vector2 } from "three";
import { Vector3 } from "three";

import type { Operation } from "../domain/operations";
import type { Base } from "../domain/state";
import type { Surface } from "../geometry/surface";
import type { WorkerAnswer } from "../geometry/worker";
import { Borders, borderLines } from "../scene/borders";
import { type Hit, Picker } from "../scene/picking";
import { MARK } from "../scene/shaders";
import { type Look, Skin } from "../scene/skin";
import type { Stage } from "../scene/stage";
import { Board } from "../tools/board";
import { ReviewDocument } from "./document";
import { Parts } from "./parts";
import { Selection } from "./selection";

const GREY = [150, 150, 150] as const;

export class ObjectView {
  readonly document: ReviewDocument;
  readonly selection = new Selection();
  readonly parts: Parts;
  readonly skin: Skin;
  readonly board: Board;
  picker: Picker | null = null;
  /** (3F) face across each side; null until the worker has it. */
  across: Int32Array | null = null;
  private readonly borders = new Borders();
  private readonly worker: Worker;
  private readonly centre: Vector3;
  private looksWanted = false;

  constructor(
    private readonly stage: Stage,
    private readonly surface: Surface,
    base: Base,
    operations: readonly Operation[],
    send: (operation: Operation) => void,
    private readonly changed: () => void,
  ) {
    this.document = new ReviewDocument(base, operations, send);
    const atoms = this.document.shown.groupOfAtom.length;
    this.skin = new Skin(surface, this.document.atomOfFace, atoms);
    this.parts = new Parts(this.document, surface);
    this.board = new Board(this.document, this.selection, this.skin, stage, surface.faces);
    this.centre = surface.box.getCenter(new Vector3());
    this.document.onChange(({ labels }) => {
      this.follow(labels);
    });
    this.selection.onChange(() => {
      this.refresh();
    });
    this.worker = new Worker(new URL("../geometry/worker.ts", import.meta.url), { type: "module" });
    const { box, positions } = surface;
    stage.show({ skin: this.skin, borders: this.borders, box, positions });
    this.refresh();
  }

  /** Builds the tree for picking, resolves when clicks work; adjacency follows later. */
  prepare(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.worker.onerror = (event) => {
        reject(new Error(event.message || "The page's worker failed."));
      };
      this.worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
        if (data.kind === "bvh") {
          this.picker = new Picker(this.surface.positions, data.serialized);
          resolve();
          return;
        }
        this.across = data.across;
        this.parts.setAdjacency(data.across);
        this.drawBorders();
        this.refresh();
        this.worker.terminate();
      };
      const copy = this.surface.positions.slice();
      this.worker.postMessage(copy, [copy.buffer]);
    });
  }

  /** (9F) corners of the faces. */
  get positions(): Float32Array {
    return this.surface.positions;
  }

  /** The face under a point of the view, past hidden parts; follows exploded ones. */
  hit(view: Vector2): Hit | null {
    if (!this.picker) return null;
    if (this.skin.explode > 0) {
      const face = this.stage.faceDrawnAt(view);
      if (face < 0) return null;
      const point = this.picker.centroid(face, new Vector3());
      return { face, point, distance: point.distanceTo(this.stage.camera.position) };
    }
    const { selection, document } = this;
    const shown = selection.anyHidden
      ? (face: number) => !selection.isHidden(document.groupOfFace(face))
      : null;
    return this.picker.at(view, this.stage.camera, shown);
  }

  recolour(): void {
    this.parts.recolour();
    this.refresh();
  }

  /** Looks, panels and picture follow at the next frame, however much changes before it. */
  refresh(): void {
    if (this.looksWanted) return;
    this.looksWanted = true;
    queueMicrotask(() => {
      this.looksWanted = false;
      this.skin.setLooks(this.document.shown.groupOfAtom.length, (atom) => this.look(atom));
      this.stage.invalidate();
      this.changed();
    });
  }

  dispose(): void {
    this.worker.terminate();
    this.stage.show(null);
    this.skin.dispose();
    this.borders.dispose();
    this.picker?.dispose();
  }

  private follow(labels: boolean): void {
    const { shown } = this.document;
    if (labels) this.skin.setLabels(this.document.atomOfFace, shown.groupOfAtom.length);
    this.parts.update(labels);
    this.selection.follow(shown);
    this.drawBorders();
  }

  private drawBorders(): void {
    if (!this.across) return;
    const label = (face: number): number => this.document.groupOfFace(face);
    const visible = (face: number): boolean => !this.selection.isHidden(label(face));
    this.borders.set(borderLines(this.surface.positions, this.across, label, visible));
  }

  private look(atom: number): Look {
    const group = this.document.shown.groupOfAtom[atom] as number;
    const part = this.parts.all.get(group);
    const { selection } = this;
    const marks =
      (selection.isHidden(group) ? MARK.hidden : 0) |
      (selection.looksChosen(group) ? MARK.selected : 0) |
      (selection.hovered === group ? MARK.hovered : 0) |
      (part?.dropped ? MARK.dropped : 0);
    if (!part) return { colour: GREY, marks, shift: [0, 0, 0] };
    const [x, y, z] = part.centroid;
    return {
      colour: part.colour,
      marks,
      shift: [x - this.centre.x, y - this.centre.y, z - this.centre.z],
    };
  }
}
