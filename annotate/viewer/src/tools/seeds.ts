/** A point on each of two parts that are one now: the server finds where they meet. */

import { eachFace } from "../domain/runs";
import type { Preview } from "../network/contract";
import type { Board } from "./board";
import type { Pointer, Tool } from "./tool";

/** The border lies half way between the points, or along the shortest crease between them. */
export type SeedMethod = "two-seed" | "cut";

export type AskPreview = (
  method: SeedMethod,
  group: number,
  seeds: readonly (readonly number[])[],
) => Promise<Preview>;

const HINTS: Readonly<Record<SeedMethod, string>> = {
  "two-seed": "Split half way: click what stays, then what leaves; S again follows creases",
  cut: "Split along a crease: click what stays, then what leaves; S again goes half way",
};

export class Seeds implements Tool {
  readonly name = "seeds";
  readonly drags = false;
  private first: number | null = null;
  private method: SeedMethod = "two-seed";

  constructor(
    private readonly board: Board,
    private readonly ask: AskPreview,
    private readonly tell: (message: string) => void,
  ) {}

  get hint(): string {
    return `${HINTS[this.method]}; Enter splits, Esc cancels`;
  }

  changeMethod(): void {
    this.method = this.method === "cut" ? "two-seed" : "cut";
  }

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
    const { method } = this;
    this.tell("Looking for the border …");
    const preview = await this.ask(method, group, seeds);
    const { document } = this.board;
    eachFace(preview.faces ?? [], (face) => {
      this.board.paint(face, 2, method);
    });
    const leaving = new Set((preview.atoms ?? []).flat());
    if (leaving.size > 0) {
      document.atomOfFace.forEach((atom, face) => {
        if (leaving.has(atom)) this.board.paint(face, 2, method);
      });
    }
    this.board.show();
    this.tell(
      this.board.pending ? "Enter splits, Esc cancels." : "No border was found between them.",
    );
  }
}
