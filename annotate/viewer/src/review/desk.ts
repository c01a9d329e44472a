/** The reviewer's desk: takes tasks, shows them on the page, runs commands, hands tasks in. */

import { difference } from "../domain/difference";
import { Problem, api } from "../network/api";
import type { Backlog } from "../network/backlog";
import type { Conflict, Opinion, User } from "../network/contract";
import type { SaveState } from "../network/outbox";
import { showHelp } from "../panels/help";
import { askChoice } from "../panels/verdicts";
import type { Hit } from "../scene/picking";
import { Stage } from "../scene/stage";
import { PointerInput } from "../tools/pointer";
import type { Tool, ToolName } from "../tools/tool";
import { ActiveClock } from "./clock";
import { commitComputed } from "./computed";
import { Edits } from "./edits";
import { type CommandId, type Keymap, stored } from "./keymap";
import { Looks } from "./looks";
import { type ModeHost, Modes } from "./modes";
import { ReviewPage } from "./page";
import { Session } from "./session";
import { Suggestions } from "./suggestions";
import { Verdicts } from "./verdicts";
import { runCommand } from "./actions";

export class Desk implements ModeHost {
  readonly page: ReviewPage;
  readonly stage: Stage;
  readonly looks: Looks;
  readonly clock = new ActiveClock();
  readonly verdicts: Verdicts;
  keymap: Keymap = stored();
  session: Session | null = null;
  edits: Edits | null = null;
  modes: Modes | null = null;
  note = "";
  saved: SaveState = "saved";

  constructor(
    root: HTMLElement,
    user: User,
    private readonly backlog: Backlog,
    logout: () => void,
  ) {
    this.page = new ReviewPage(root, user, this.keymap, {
      run: (command) => {
        this.run(command);
      },
      logout,
      showOpinion: (opinion) => {
        this.showOpinion(opinion);
      },
      pickOpinion: (opinion) => {
        void this.verdicts.pick(opinion);
      },
      choose: (group, add) => {
        this.choose(group, add);
      },
      point: (group) => {
        this.session?.view.selection.hover(group);
      },
      preview: (groups) => {
        this.session?.view.selection.preview(groups);
      },
      rename: (group, name) => {
        this.tellMaybe(this.edits?.rename(group, name));
      },
      drop: (group, dropped) => {
        this.tellMaybe(this.edits?.drop([group], dropped));
      },
      tryLevel: (count) => {
        this.edits?.tryLevel(count);
      },
      setLevel: (count) => {
        this.tellMaybe(this.edits?.setLevel(count));
      },
      setExplode: (amount) => {
        if (this.session) this.looks.setExplode(this.session.view, amount);
        this.update();
      },
      setShare: (share) => {
        this.stage.segmentShare = share;
        this.stage.invalidate();
        this.update();
      },
    });
    this.stage = new Stage(this.page.canvas, this.page.host);
    this.looks = new Looks(this.stage);
    this.verdicts = new Verdicts(this);
    this.clock.attach(window);
    const desk = this;
    new PointerInput(this.stage, {
      get tool(): Tool | null {
        return desk.modes?.current ?? null;
      },
      hit: ({ view }) => desk.session?.view.hit(view) ?? null,
      hover: (hit) => {
        desk.hover(hit);
      },
    });
    this.page.canvas.addEventListener("pointerup", (event) => {
      this.rememberAtom(event);
    });
  }

  get overlay() {
    return this.page.overlay;
  }

  /** Claims and shows the next object; the camera's tool, looks and through-mode stay. */
  async claim(): Promise<void> {
    const tool: ToolName = this.modes?.current.name ?? "select";
    const through = this.modes?.through ?? false;
    this.putAway();
    this.page.setEmpty("Fetching an object …");
    const answer = await api.claim();
    if (!answer.task) {
      this.page.setTitle("Nothing to review", "");
      this.page.setEmpty(answer.why || "There is nothing to review now.", {
        label: "Look again",
        run: () => {
          void this.next();
        },
      });
      return;
    }
    const { task } = answer;
    this.page.setTitle(task.name, task.why);
    const session = await Session.open(task, this.stage, this.backlog, this.clock, {
      viewChanged: () => {
        this.update();
      },
      changed: (state, unsent) => {
        this.saved = state;
        this.page.setSaved(state, unsent);
        if (state === "saved") void this.refreshSuggestions();
      },
      conflict: (conflict) => {
        void this.conflict(conflict);
      },
      refused: (problem) => {
        void this.refused(problem);
      },
    });
    this.session = session;
    this.edits = new Edits(session.view, new Suggestions(task.suggestions));
    this.modes = new Modes(this, session, tool, through);
    session.view.skin.explode = this.looks.explode;
    this.note = "";
    this.page.opinions.set(task.opinions ?? []);
    this.page.setEmpty(null);
    const unsent = session.outbox.unsent.length;
    this.saved = unsent > 0 ? "unsaved" : "saved";
    this.page.setSaved(this.saved, unsent);
    this.tell(this.modes.current.hint);
    this.update();
    if (task.suggestions.length === 0) void this.refreshSuggestions();
  }

  /**
   * Ranks suggestions anew by what the server knows by now: it takes a moment, which neither a
   * claim nor an edit waits for. An answer about a state that has changed meanwhile is dropped.
   */
  private async refreshSuggestions(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const before = session.view.document.current;
    const found = await api.warnings(session.task.id).catch(() => null);
    if (this.session !== session || session.view.document.current !== before) return;
    if (!found?.suggestions) return;
    this.edits?.suggestions.replace(found.suggestions, performance.now());
    this.update();
  }

  /** Makes an edit that the server computes. */
  async compute(ask: Parameters<typeof commitComputed>[1], nothing: string): Promise<void> {
    if (!this.session) return;
    try {
      this.tellMaybe(await commitComputed(this.session, ask, nothing));
    } catch (error) {
      this.tellMaybe(error instanceof Error ? error.message : String(error));
    }
    this.update();
  }

  /** `claim`, with whatever goes wrong shown instead of thrown. */
  async next(): Promise<void> {
    try {
      await this.claim();
    } catch (error) {
      this.putAway();
      const text = error instanceof Error ? error.message : String(error);
      if (error instanceof Problem && error.status === 401) location.reload();
      this.page.setEmpty(text, {
        label: "Try again",
        run: () => {
          void this.next();
        },
      });
    }
  }

  run(command: CommandId): void {
    if (command === "help") void this.help();
    else runCommand(this, command);
  }

  tell(message: string): void {
    this.page.setHint(message);
  }

  tellMaybe(message: string | null | undefined): void {
    if (message) this.page.toasts.show(message);
  }

  merge(groups: readonly number[]): void {
    this.tellMaybe(this.edits?.merge(groups, "drag"));
  }

  /** Panels follow the object; called after every change. */
  update(): void {
    const { session, edits, page } = this;
    if (!session || !edits) return;
    const { view } = session;
    const parts = [...view.parts.all.values()].sort(
      (a, b) => b.share - a.share || a.group - b.group,
    );
    const { selection } = view;
    page.list.update(parts, selection.groups, (group) => selection.isHidden(group));
    const hovered =
      selection.hovered === null ? null : (view.parts.all.get(selection.hovered) ?? null);
    page.setStatus(
      hovered,
      parts.filter(({ group }) => selection.has(group)),
    );
    const kept = parts.filter((part) => !part.dropped).length;
    page.setSummary(kept === parts.length ? `${kept}` : `${kept} of ${parts.length}`);
    page.setNames(parts.map((part) => part.name).filter((name) => name !== ""));
    page.sliders.setLevel(edits.level, view.document.base.segments);
    page.sliders.setExplode(this.looks.explode);
    page.sliders.setShare(this.stage.segmentShare);
    page.suggestion.update(edits.suggestions, (group) => view.parts.all.get(group));
    const tool = this.modes?.current.name;
    page.setPressed({
      ...this.looks.pressed,
      select: tool === "select",
      brush: tool === "brush",
      lasso: tool === "lasso",
      plane: tool === "plane",
      seeds: tool === "seeds",
      through: this.modes?.through ?? false,
    });
  }

  putAway(): void {
    this.overlay.clear();
    this.session?.close();
    this.session = null;
    this.edits = null;
    this.modes = null;
  }

  /** An opinion, with the faces painted that the other one puts elsewhere. */
  private showOpinion(opinion: Opinion | null): void {
    const view = this.session?.view;
    if (!view) return;
    view.document.showOther(opinion?.operations ?? null);
    const other = this.session?.task.opinions?.find((candidate) => candidate !== opinion);
    const differs =
      opinion && other
        ? difference(
            view.document.groupsBy(opinion.operations),
            view.document.groupsBy(other.operations),
            view.parts.areas,
          )
        : new Uint8Array();
    view.board.showDifference(differs);
  }

  private choose(group: number, add: boolean): void {
    const selection = this.session?.view.selection;
    if (add) selection?.toggle(group);
    else selection?.set([group]);
  }

  private hover(hit: Hit | null): void {
    const view = this.session?.view;
    view?.selection.hover(hit ? view.document.groupOfFace(hit.face) : null);
  }

  private rememberAtom(event: PointerEvent): void {
    const view = this.session?.view;
    const point = this.stage.toView(event.clientX, event.clientY);
    const hit = point && view ? view.hit(point) : null;
    if (hit && view && this.edits)
      this.edits.lastAtom = view.document.atomOfFace[hit.face] as number;
  }

  private async help(): Promise<void> {
    if (!(await showHelp(this.keymap))) return;
    this.keymap = stored();
    this.page.setKeys(this.keymap);
    this.update();
  }

  private async conflict(conflict: Conflict): Promise<void> {
    const { session } = this;
    if (!session) return;
    const unsent = [...session.outbox.unsent];
    const choice = await askChoice(
      "Changed in another window",
      `The server has ${conflict.operations.length} steps that this page does not; ${unsent.length} of yours are not saved yet.`,
      [
        ["drop", "Drop my unsaved steps"],
        ["keep", "Put my steps on top"],
      ],
    );
    if (choice !== "keep") await session.outbox.discard();
    // The claim is idempotent and gives the server's whole list, and ours is still in the backlog.
    await this.next();
  }

  private async refused(problem: Problem): Promise<void> {
    if (problem.status === 401) {
      location.reload();
      return;
    }
    await askChoice(
      problem.status === 409 || problem.status === 403
        ? "This object is not in your hands any more"
        : "The server refused a step",
      `${problem.message} What you did before is kept by the server.`,
      [["next", "Go on"]],
    );
    await this.session?.outbox.discard();
    await this.next();
  }
}
