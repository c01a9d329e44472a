/** Painted faces: what brush, lasso and seeds have chosen, before it becomes a split. */

import type { ReviewDocument } from "../review/document";
import type { Selection } from "../review/selection";
import { splitPainted } from "../review/split";
import type { Skin } from "../scene/skin";
import type { Stage } from "../scene/stage";

export class Board {
  /** How the painted faces were found; the operation's method. */
  private method = "";
  private count = 0;

  constructor(
    readonly document: ReviewDocument,
    readonly selection: Selection,
    readonly skin: Skin,
    readonly stage: Stage,
    readonly faces: number,
  ) {}

  get pending(): boolean {
    return this.count > 0;
  }

  /** Whether a tool may paint the face: shown, and of a chosen part if any is chosen. */
  mayPaint(face: number): boolean {
    const group = this.document.groupOfFace(face);
    if (this.selection.isHidden(group)) return false;
    return this.selection.groups.length === 0 || this.selection.has(group);
  }

  /** Paints, or with `value` 0 wipes. Call `show` when done. */
  paint(face: number, value: 0 | 1 | 2, method: string): void {
    const before = this.skin.paint[face] as number;
    if (before === value) return;
    this.skin.paint[face] = value;
    this.count += (value === 0 ? 0 : 1) - (before === 0 ? 0 : 1);
    this.method = method;
  }

  show(): void {
    this.skin.paintChanged();
    this.stage.invalidate();
  }

  /** Marks faces without making them part of a split. @param differs (F) or empty. */
  showDifference(differs: Uint8Array): void {
    this.skin.paint.fill(0);
    this.skin.paint.set(differs);
    this.count = 0;
    this.show();
  }

  clear(): void {
    this.skin.paint.fill(0);
    this.count = 0;
    this.show();
  }

  /** Splits off what is painted; the new part is chosen. */
  confirm(): void {
    const { document } = this;
    const anyFace = this.skin.paint.findIndex((value) => value !== 0);
    if (anyFace < 0) return;
    const payloads = splitPainted(
      document.current,
      document.atomOfFace,
      this.skin.paint,
      this.method,
    );
    this.clear();
    if (payloads.length > 0) document.commit(payloads, this.method);
    this.selection.set([document.groupOfFace(anyFace)]);
  }
}
