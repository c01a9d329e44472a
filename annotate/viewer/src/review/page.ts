/** The review page: elements, and which of them shows what. What keys do is in `actions`. */

import type { User } from "../network/contract";
import type { SaveState } from "../network/outbox";
import { h } from "../panels/dom";
import { type OpinionEvents, Opinions } from "../panels/opinions";
import { PartList, type PartListEvents, percent } from "../panels/part_list";
import { Sliders, type SliderEvents } from "../panels/sliders";
import { SuggestionCard, type SuggestionEvents } from "../panels/suggestion";
import { Toasts } from "../panels/toast";
import { type Run, commandButton, toolbar, viewbar } from "../panels/toolbar";
import { Overlay } from "../tools/overlay";
import type { Keymap } from "./keymap";
import type { Part } from "./parts";

const SAVED: Readonly<Record<SaveState, string>> = {
  saved: "Saved",
  unsaved: "Not saved yet",
  saving: "Saving …",
  offline: "Offline: kept in this browser",
  stopped: "Not saved",
};

export interface PageEvents extends PartListEvents, SliderEvents {
  showOpinion: OpinionEvents["show"];
  pickOpinion: OpinionEvents["pick"];
  preview: SuggestionEvents["preview"];
  run: Run;
  logout(): void;
}

export class ReviewPage {
  readonly canvas = h("canvas", { tabindex: 0, "aria-label": "The object; arrow keys turn it" });
  readonly overlay = new Overlay();
  readonly toasts = new Toasts();
  readonly list: PartList;
  readonly sliders: Sliders;
  readonly suggestion: SuggestionCard;
  readonly opinions: Opinions;
  readonly host: HTMLElement;
  private readonly title = h("h1", {});
  private readonly why = h("p", { class: "quiet why" });
  private readonly dot = h("span", { class: "dot", role: "status" });
  private readonly status = h("span", { class: "status" });
  private readonly hint = h("span", { class: "quiet hint" });
  private readonly summary = h("span", { class: "quiet" });
  private readonly empty = h("div", { class: "empty", role: "status" });
  private readonly names = h("datalist", { id: "part-names" });
  private readonly bars = h("div", { class: "bars" });
  private readonly tools = h("div", { class: "tools" });
  private readonly verdicts = h("div", { class: "verdicts" });

  constructor(
    private readonly root: HTMLElement,
    user: User,
    keymap: Keymap,
    private readonly events: PageEvents,
  ) {
    this.list = new PartList(events);
    this.sliders = new Sliders(events);
    this.suggestion = new SuggestionCard(events);
    this.opinions = new Opinions({ show: events.showOpinion, pick: events.pickOpinion });
    this.host = h("div", { class: "stage" }, this.canvas, this.overlay.element, this.empty);
    root.replaceChildren(
      h(
        "div",
        { class: "review" },
        this.header(user),
        this.tools,
        h("main", {}, this.host, this.bars),
        h(
          "aside",
          { "aria-label": "Parts" },
          this.opinions.element,
          this.suggestion.element,
          h("div", { class: "row between" }, h("h2", {}, "Parts"), this.summary),
          this.list.element,
          this.verdicts,
        ),
        h("footer", {}, this.status, this.hint),
        this.toasts.element,
        this.names,
      ),
    );
    this.setKeys(keymap);
  }

  private header(user: User): HTMLElement {
    const lead = user.role !== "reviewer";
    return h(
      "header",
      {},
      h("div", { class: "titles" }, this.title, this.why),
      this.dot,
      h("a", { href: "#/captions" }, "Captions"),
      lead && h("a", { href: "#/lead" }, "Overview"),
      h("span", { class: "quiet" }, user.name),
      h(
        "button",
        {
          type: "button",
          class: "link",
          click: () => {
            this.events.run("help");
          },
        },
        "Keys ",
        h("kbd", {}, "?"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "link",
          click: () => {
            this.events.logout();
          },
        },
        "Sign out",
      ),
    );
  }

  /** Writes the keys onto the buttons. */
  setKeys(keymap: Keymap): void {
    const { run } = this.events;
    this.suggestion.setKeys(keymap);
    this.tools.replaceChildren(toolbar(keymap, run));
    this.bars.replaceChildren(viewbar(keymap, run), this.sliders.element);
    this.verdicts.replaceChildren(
      commandButton("accept", "Accept", keymap, run, "primary"),
      commandButton("reject", "Reject", keymap, run),
      commandButton("skip", "Skip", keymap, run),
      commandButton("later", "Later", keymap, run),
    );
  }

  setTitle(name: string, why: string): void {
    this.title.textContent = name;
    this.why.textContent = why;
    document.title = `${name} – Partworks review`;
  }

  setSaved(state: SaveState, unsent: number): void {
    this.dot.className = `dot ${state}`;
    this.dot.textContent = unsent > 0 ? `${SAVED[state]} (${unsent})` : SAVED[state];
  }

  /** The line that always says what is under the pointer, or chosen. */
  setStatus(part: Part | null, chosen: readonly Part[]): void {
    const of = (p: Part): string =>
      `${p.name || `part ${p.group}`}, ${percent(p.share)} of the area, ${p.atoms.length} segment${p.atoms.length === 1 ? "" : "s"}`;
    const first = chosen[0];
    const text = part
      ? of(part)
      : chosen.length > 1
        ? `${chosen.length} parts chosen, ${percent(chosen.reduce((sum, p) => sum + p.share, 0))} of the area`
        : first
          ? of(first)
          : "Nothing chosen";
    this.status.textContent = text;
  }

  setHint(text: string): void {
    this.hint.textContent = text;
  }

  setSummary(text: string): void {
    this.summary.textContent = text;
  }

  setNames(names: Iterable<string>): void {
    this.names.replaceChildren(
      ...[...new Set(names)].sort().map((value) => h("option", { value })),
    );
  }

  /** Covers the stage with a message and a button; null uncovers it. */
  setEmpty(text: string | null, again?: { readonly label: string; run(): void }): void {
    this.empty.classList.toggle("shown", text !== null);
    this.empty.replaceChildren(
      h("p", {}, text ?? ""),
      ...(again
        ? [h("button", { type: "button", class: "primary", click: again.run }, again.label)]
        : []),
    );
    this.root.classList.toggle("idle", text !== null);
  }

  /** Marks the buttons of modes that are on. */
  setPressed(pressed: Readonly<Record<string, boolean>>): void {
    for (const [command, on] of Object.entries(pressed)) {
      for (const button of this.root.querySelectorAll(`[data-command="${command}"]`)) {
        button.setAttribute("aria-pressed", String(on));
      }
    }
  }
}
