/** The tools of an object, and which of them has the pointer. */

import type { Preview } from "../network/contract";
import type { Stage } from "../scene/stage";
import { Brush } from "../tools/brush";
import { Lasso } from "../tools/lasso";
import { Plane } from "../tools/plane";
import type { Overlay } from "../tools/overlay";
import { Seeds, type SeedMethod } from "../tools/seeds";
import { Select } from "../tools/select";
import type { Tool, ToolName } from "../tools/tool";
import type { Session } from "./session";

export interface ModeHost {
  readonly stage: Stage;
  readonly overlay: Overlay;
  tell(message: string): void;
  merge(groups: readonly number[]): void;
}

export class Modes {
  readonly brush: Brush;
  readonly lasso: Lasso;
  private readonly seeds: Seeds;
  private readonly tools: Readonly<Record<ToolName, Tool>>;
  current: Tool;

  /** @param start the tool of the object before: it stays in the hand. */
  constructor(
    private readonly host: ModeHost,
    private readonly session: Session,
    start: ToolName,
    through: boolean,
  ) {
    const { view } = session;
    const picker = view.picker;
    if (!picker) throw new Error("Tools need the tree for picking.");
    this.brush = new Brush(view.board, host.stage, picker, host.overlay);
    this.lasso = new Lasso(view.board, host.stage, picker, host.overlay);
    this.brush.through = through;
    this.lasso.through = through;
    const tell = (message: string): void => {
      host.tell(message);
    };
    this.seeds = new Seeds(
      view.board,
      (method, group, seeds) => this.preview(method, group, seeds),
      tell,
    );
    this.tools = {
      select: new Select(view.document, view.selection, (groups) => {
        host.merge(groups);
      }),
      brush: this.brush,
      lasso: this.lasso,
      plane: new Plane(view.board, host.stage, picker, host.overlay, tell),
      seeds: this.seeds,
    };
    this.current = this.tools[start];
  }

  /** Takes a tool in hand; seeds that are in hand already change how they find the border. */
  use(name: ToolName): void {
    if (name === "seeds" && this.current === this.seeds) this.seeds.changeMethod();
    this.current.leave();
    this.session.view.board.clear();
    this.current = this.tools[name];
    this.host.tell(this.current.hint);
  }

  /** Whether brush and lasso go through the object. */
  get through(): boolean {
    return this.lasso.through;
  }

  toggleThrough(): void {
    this.lasso.through = !this.lasso.through;
    this.brush.through = this.lasso.through;
    this.host.tell(
      this.through
        ? "Brush and lasso go through the object."
        : "Brush and lasso take what is seen.",
    );
  }

  private async preview(
    tool: SeedMethod,
    group: number,
    seeds: readonly (readonly number[])[],
  ): Promise<Preview> {
    try {
      return await this.session.compute({ tool, group, seeds });
    } catch (error) {
      this.host.tell(error instanceof Error ? error.message : String(error));
      return {};
    }
  }
}
