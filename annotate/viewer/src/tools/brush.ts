/** Paints faces under a ball; with the alternate key it wipes. */

import type { PerspectiveCamera } from "three";

import type { Picker } from "../scene/picking";
import type { Stage } from "../scene/stage";
import type { Board } from "./board";
import type { Overlay } from "./overlay";
import type { Pointer, Tool } from "./tool";

const SMALLEST = 3;
const LARGEST = 200;

export class Brush implements Tool {
  readonly name = "brush";
  readonly hint =
    "Drag to paint the new part, Alt+drag to wipe, [ ] size, Enter splits, Esc cancels";
  readonly drags = true;
  /** In pixels of the page. */
  radius = 24;
  through = false;
  private seen: Uint8Array | null = null;
  private at: Pointer | null = null;

  constructor(
    private readonly board: Board,
    private readonly stage: Stage,
    private readonly picker: Picker,
    private readonly overlay: Overlay,
  ) {}

  resize(factor: number): void {
    this.radius = Math.min(Math.max(this.radius * factor, SMALLEST), LARGEST);
    if (this.at) this.overlay.setRing(this.at.clientX, this.at.clientY, this.radius);
  }

  down(pointer: Pointer): void {
    this.seen = this.through ? null : this.stage.visibleFaces(this.board.faces);
    this.dab(pointer);
  }

  move(pointer: Pointer, pressed: boolean): void {
    this.at = pointer;
    this.overlay.setRing(pointer.clientX, pointer.clientY, this.radius);
    if (pressed) this.dab(pointer);
  }

  up(): void {
    this.seen = null;
  }

  click(): void {}

  leave(): void {
    this.overlay.clear();
    this.at = null;
  }

  private dab(pointer: Pointer): void {
    const hit = pointer.hit();
    if (!hit) return;
    const value = pointer.alternate ? 0 : 1;
    const wanted = (face: number): boolean =>
      this.board.mayPaint(face) && (this.seen === null || this.seen[face] === 1);
    if (wanted(hit.face)) this.board.paint(hit.face, value, "brush");
    this.picker.within(hit.point, this.radius * this.unitsPerPixel(hit.distance), (face) => {
      if (wanted(face)) this.board.paint(face, value, "brush");
    });
    this.board.show();
  }

  private unitsPerPixel(distance: number): number {
    const camera: PerspectiveCamera = this.stage.camera;
    const height = this.stage.canvas.clientHeight;
    return (2 * distance * Math.tan((camera.fov * Math.PI) / 360)) / height;
  }
}
