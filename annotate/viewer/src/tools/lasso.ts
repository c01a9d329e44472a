/** Paints the faces whose centroid lies inside a drawn line, those that are seen or all. */

import { Vector3 } from "three";

import { inPolygon } from "../geometry/polygon";
import type { Picker } from "../scene/picking";
import type { Stage } from "../scene/stage";
import type { Board } from "./board";
import type { Overlay } from "./overlay";
import type { Pointer, Tool } from "./tool";

export class Lasso implements Tool {
  readonly name = "lasso";
  readonly hint =
    "Draw around the new part, Alt+draw to take away, G goes through, Enter splits, Esc cancels";
  readonly drags = true;
  through = false;
  private line: [number, number][] = [];
  private viewLine: [number, number][] = [];

  constructor(
    private readonly board: Board,
    private readonly stage: Stage,
    private readonly picker: Picker,
    private readonly overlay: Overlay,
  ) {}

  down(pointer: Pointer): void {
    this.line = [];
    this.viewLine = [];
    this.add(pointer);
  }

  move(pointer: Pointer, pressed: boolean): void {
    if (pressed && this.line.length > 0) this.add(pointer);
  }

  up(pointer: Pointer): void {
    if (this.viewLine.length > 2) this.fill(pointer.alternate ? 0 : 1);
    this.leave();
  }

  click(): void {}

  leave(): void {
    this.line = [];
    this.viewLine = [];
    this.overlay.clear();
  }

  private add(pointer: Pointer): void {
    this.line.push([pointer.clientX, pointer.clientY]);
    this.viewLine.push([pointer.view.x, pointer.view.y]);
    this.overlay.setLasso(this.line);
  }

  private fill(value: 0 | 1): void {
    const { faces } = this.board;
    const seen = this.through ? null : this.stage.visibleFaces(faces);
    const project = this.stage.projection();
    const point = new Vector3();
    for (let face = 0; face < faces; face += 1) {
      if (seen && seen[face] === 0) continue;
      this.picker.centroid(face, point).applyMatrix4(project);
      if (Math.abs(point.z) > 1 || !inPolygon(point.x, point.y, this.viewLine)) continue;
      if (this.board.mayPaint(face)) this.board.paint(face, value, "lasso");
    }
    this.board.show();
  }
}
