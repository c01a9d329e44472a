/** The plain pointer: a click chooses, Shift adds, a drag with Shift from part to part merges. */

import type { ReviewDocument } from "../review/document";
import type { Selection } from "../review/selection";
import type { Pointer, Tool } from "./tool";

export class Select implements Tool {
  readonly name = "select";
  readonly hint =
    "Click chooses, Shift+click adds, Shift+drag from part to part merges, drag turns";
  readonly drags = false;
  private from: number | null = null;

  constructor(
    private readonly document: ReviewDocument,
    private readonly selection: Selection,
    private readonly merge: (groups: readonly number[]) => void,
  ) {}

  down(pointer: Pointer): void {
    this.from = pointer.shift ? this.groupAt(pointer) : null;
  }

  move(): void {}

  up(pointer: Pointer): void {
    const to = this.from === null ? null : this.groupAt(pointer);
    if (this.from !== null && to !== null && to !== this.from) this.merge([this.from, to]);
    this.from = null;
  }

  click(pointer: Pointer): void {
    const group = this.groupAt(pointer);
    if (group === null) this.selection.set(pointer.shift ? this.selection.groups : []);
    else if (pointer.shift) this.selection.toggle(group);
    else this.selection.set([group]);
  }

  leave(): void {
    this.from = null;
  }

  private groupAt(pointer: Pointer): number | null {
    const hit = pointer.hit();
    return hit ? this.document.groupOfFace(hit.face) : null;
  }
}
