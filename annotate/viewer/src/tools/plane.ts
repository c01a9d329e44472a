/** A straight cut: the plane through a drawn line and the eye parts the chosen part in two. */

import type { Picker } from "../scene/picking";
import type { Stage } from "../scene/stage";
import { Vector2, Vector3 } from "three";
import { sideOfLine } from "../geometry/polygon";
import type { Board } from "./board";
import type { Overlay } from "./overlay";
import type { Pointer, Tool } from "./tool";

/** A shorter line, in the view's units of [-1, 1], is a slip. */
const SHORTEST = 0.02;

export class Plane implements Tool {
  readonly name = "plane";
  readonly hint =
    "Draw a line across the part; what lies left of it leaves, with Alt what lies right; Enter splits, Esc cancels";
  readonly drags = true;
  private start: Pointer | null = null;

  constructor(
    private readonly board: Board,
    private readonly stage: Stage,
    private readonly picker: Picker,
    private readonly overlay: Overlay,
    private readonly tell: (message: string) => void,
  ) {}

  down(pointer: Pointer): void {
    this.start = pointer;
  }

  move(pointer: Pointer, pressed: boolean): void {
    if (!pressed || !this.start) return;
    this.overlay.setLasso([
      [this.start.clientX, this.start.clientY],
      [pointer.clientX, pointer.clientY],
    ]);
  }

  up(pointer: Pointer): void {
    const { start } = this;
    this.leave();
    if (!start || start.view.distanceTo(pointer.view) < SHORTEST) return;
    const group = this.groupToCut(start, pointer);
    if (group === null) {
      this.tell("Choose the part to cut, or draw the line across one.");
      return;
    }
    this.cut(group, start.view, pointer.view, pointer.alternate ? -1 : 1);
  }

  click(): void {}

  leave(): void {
    this.start = null;
    this.overlay.clear();
  }

  /** The part chosen last, or the one under the middle of the line. */
  private groupToCut(start: Pointer, end: Pointer): number | null {
    const { selection, document } = this.board;
    if (selection.last !== null) return selection.last;
    const middle = new Vector2().addVectors(start.view, end.view).multiplyScalar(0.5);
    const hit = this.picker.at(middle, this.stage.camera, null);
    return hit ? document.groupOfFace(hit.face) : null;
  }

  private cut(group: number, from: Vector2, to: Vector2, sign: 1 | -1): void {
    const { board } = this;
    const project = this.stage.projection();
    const point = new Vector3();
    let [left, all] = [0, 0];
    board.clear();
    for (let face = 0; face < board.faces; face += 1) {
      if (board.document.groupOfFace(face) !== group) continue;
      all += 1;
      this.picker.centroid(face, point).applyMatrix4(project);
      if (sign * sideOfLine(point, from, to) <= 0) continue;
      left += 1;
      board.paint(face, 1, "plane");
    }
    if (left === all) board.clear();
    board.show();
    this.tell(board.pending ? "Enter splits, Esc cancels." : "The line does not part this part.");
  }
}
