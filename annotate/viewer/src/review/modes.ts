/** The tools of an object, and which of them has the pointer. */

import { Problem, api } from "../network/api";
import type { Preview } from "../network/contract";
import type { Stage } from "../scene/stage";
import { Brush } from "../tools/brush";
import { Lasso } from "../tools/lasso";
import type { Overlay } from "../tools/overlay";
import { Seeds } from "../tools/seeds";
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
    this.tools = {
      select: new Select(view.document, view.selection, (groups) => {
        host.merge(groups);
      }),
      brush: this.brush,
      lasso: this.lasso,
      seeds: new Seeds(
        view.board,
        (group, seeds) => this.preview(group, seeds),
        (message) => {
          host.tell(message);
        },
      ),
    };
    this.current = this.tools[start];
  }

  use(name: ToolName): void {
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

  /** Asks the server for a split; it must know everything first. */
  private async preview(group: number, seeds: readonly (readonly number[])[]): Promise<Preview> {
    const { task, outbox, view } = this.session;
    try {
      if (!(await outbox.flush()))
        throw new Error("The server cannot be reached now; brush and lasso work offline.");
      const { version } = view.document.current;
      return await api.preview(task.id, task.epoch, { tool: "two-seed", version, group, seeds });
    } catch (error) {
      this.host.tell(
        error instanceof Problem || error instanceof Error ? error.message : String(error),
      );
      return {};
    }
  }
}
