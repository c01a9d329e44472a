/** What commands do to the parts of an object. Each returns what to tell, or null. */

import { OperationError } from "../domain/errors";
import { countAt } from "../domain/tree";
import type { Suggestions } from "./suggestions";
import { pieces, separate } from "./components";
import type { ObjectView } from "./object_view";

export class Edits {
  /** The segment last clicked: what a cleave takes out. */
  lastAtom: number | null = null;

  constructor(
    private readonly view: ObjectView,
    readonly suggestions: Suggestions,
  ) {
    const follow = (): void => {
      suggestions.follow(view.document.current, view.selection.own);
    };
    follow();
    view.document.onChange(follow);
    view.selection.onChange(follow);
  }

  /** Runs an edit; one that does not fit becomes a message instead of an operation. */
  private attempt(edit: () => string | null): string | null {
    try {
      return edit();
    } catch (error) {
      if (error instanceof OperationError) return error.message;
      throw error;
    }
  }

  merge(groups: readonly number[], tool: string): string | null {
    return this.attempt(() => {
      if (groups.length < 2) return "Choose two parts or more: click one, Shift+click others.";
      this.view.document.commit([{ kind: "merge", groups }], tool);
      // The result is chosen, but all suggestions are listed again.
      this.view.selection.set([]);
      this.view.selection.show([Math.min(...groups)]);
      return null;
    });
  }

  /** Takes one of the suggestions in sight, from 0. */
  takeListed(place: number): string | null {
    const found = this.suggestions.listed[place];
    if (!found) return "There is no suggestion with this number.";
    if (this.suggestions.isUnread(performance.now())) return "The list is new; press again.";
    this.suggestions.stop();
    return this.merge(found.groups, "suggestion");
  }

  takeSuggestion(): string | null {
    const { current } = this.suggestions;
    if (!current) return "There is no suggestion to take.";
    const told = this.merge(current.groups, "suggestion");
    return told ?? this.nextSuggestion();
  }

  nextSuggestion(): string | null {
    const next = this.suggestions.next();
    if (next) {
      this.view.selection.show(next.groups);
      return null;
    }
    if (this.suggestions.narrowed) return "No suggestion holds what is chosen.";
    this.view.selection.set([]);
    return "No suggestions left.";
  }

  /** Ends the look at a suggestion: what was chosen before is chosen again. */
  stopLooking(): void {
    this.suggestions.stop();
    this.view.selection.show(this.view.selection.own);
  }

  cleave(): string | null {
    return this.attempt(() => {
      const { document, selection } = this.view;
      const atom = this.lastAtom;
      if (atom === null) return "Click the segment that is to leave first.";
      const group = document.current.groupOfAtom[atom];
      if (group === undefined) return "This segment is not there any more; click one.";
      document.commit([{ kind: "cleave", group, atoms: [[atom]] }], "key");
      selection.set([document.current.groupOfAtom[atom] as number]);
      return null;
    });
  }

  components(): string | null {
    return this.attempt(() => {
      const { document, selection, across } = this.view;
      const group = selection.last;
      if (group === null) return "Choose the part that has several pieces.";
      if (!across) return "The object is still being prepared; try again in a moment.";
      const found = pieces(across, (face) => document.groupOfFace(face) === group);
      const payloads = separate(document.current, document.atomOfFace, group, found);
      if (payloads.length === 0) return "The part is one piece.";
      document.commit(payloads, "components");
      return `Separated into ${new Set(found).size - (found.includes(0) ? 1 : 0)} pieces.`;
    });
  }

  rename(group: number, name: string): string | null {
    return this.attempt(() => {
      const { document } = this.view;
      if ((document.current.names.get(group) ?? "") !== name) {
        document.commit([{ kind: "rename", group, name }], "list");
      } else {
        this.view.refresh();
      }
      return null;
    });
  }

  drop(groups: readonly number[], dropped?: boolean): string | null {
    return this.attempt(() => {
      if (groups.length === 0) return "Choose the part to drop.";
      const { document } = this.view;
      const wanted = dropped ?? !groups.every((group) => document.current.dropped.has(group));
      const payloads = groups.map((group) => ({ kind: "drop" as const, group, dropped: wanted }));
      document.commit(payloads, "key");
      return null;
    });
  }

  tryLevel(count: number): void {
    this.view.document.preview([{ kind: "level", count }]);
  }

  setLevel(count: number): string | null {
    return this.attempt(() => {
      const { document } = this.view;
      document.preview(null);
      const most = document.base.segments;
      const clipped = Math.min(Math.max(count, 1), most);
      const had = document.current;
      document.commit([{ kind: "level", count: clipped }], "slider");
      const lost = had.names.size - document.current.names.size;
      return lost > 0 ? `${lost} names went with their parts; undo brings them back.` : null;
    });
  }

  /** By how many parts the tree was cut last, as far as that is known. */
  get level(): number {
    const { document } = this.view;
    const last = document.shown.done.findLast((operation) => operation.kind === "level");
    if (last?.kind === "level") return last.count;
    const { tree } = document.base;
    return countAt(tree, tree.default_height);
  }

  undo(): string | null {
    const kind = this.view.document.undo();
    return kind === null ? "There is nothing to undo." : `Undone: ${kind}.`;
  }

  redo(): string | null {
    const kind = this.view.document.redo();
    return kind === null ? "There is nothing to redo." : `Done again: ${kind}.`;
  }
}
