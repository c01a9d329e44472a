/** A point on each of two parts that are one now: the server finds where they meet. */

import { eachFace } from "../domain/runs";
import type { Preview } from "../network/contract";
import type { Board } from "./board";
import type { Pointer, Tool } from "./tool";

export type AskPreview = (group: number, seeds: readonly (readonly number[])[]) => Promise<Preview>;

export class Seeds implements Tool {
  readonly name = "seeds";
  readonly hint = "Click what stays, then what leaves; Enter splits, Esc cancels";
  readonly drags = false;
  private first: number | null = null;

  constructor(
    private readonly board: Board,
    private readonly ask: AskPreview,
    private readonly tell: (message: string) => void,
  ) {}

  down(): void {}
  move(): void {}
  up(): void {}

  click(pointer: Pointer): void {
    const face = pointer.hit()?.face;
    if (face === undefined) return;
    const group = this.board.document.groupOfFace(face);
    if (this.first === null) {
      this.board.clear();
      this.first = face;
      this.tell("Now click what leaves.");
      return;
    }
    if (this.board.document.groupOfFace(this.first) !== group) {
      this.tell("Both points must be on one part; these are two parts already.");
      return;
    }
    const seeds = [[this.first], [face]];
    this.first = null;
    void this.solve(group, seeds);
  }

  leave(): void {
    this.first = null;
  }

  private async solve(group: number, seeds: readonly (readonly number[])[]): Promise<void> {
    this.tell("Looking for the border …");
    const preview = await this.ask(group, seeds);
    const { document } = this.board;
    eachFace(preview.faces ?? [], (face) => {
      this.board.paint(face, 2, "two-seed");
    });
    const leaving = new Set((preview.atoms ?? []).flat());
    if (leaving.size > 0) {
      document.atomOfFace.forEach((atom, face) => {
        if (leaving.has(atom)) this.board.paint(face, 2, "two-seed");
      });
    }
    this.board.show();
    this.tell(
      this.board.pending ? "Enter splits, Esc cancels." : "No border was found between them.",
    );
  }
}
