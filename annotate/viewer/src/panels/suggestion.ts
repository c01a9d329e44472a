/** The suggested merges in sight, each with the key that takes it. */

import { COMMANDS } from "../review/commands";
import { type CommandId, type Keymap, label } from "../review/keymap";
import type { Part } from "../review/parts";
import type { Offer } from "../review/suggestions";
import { h, swatch } from "./dom";
import type { Run } from "./toolbar";

/** Names of so many groups fit on a line. */
const NAMED = 3;

/** Take what is listed first, second, … */
const TAKES = ["take1", "take2", "take3", "take4", "take5"] as const satisfies readonly CommandId[];

export interface SuggestionEvents {
  run: Run;
  /** Shows groups as if they were chosen; null ends it. */
  preview(groups: readonly number[] | null): void;
}

export interface Shown {
  readonly listed: readonly Offer[];
  /** The one being looked at. */
  readonly current: Offer | null;
  readonly left: number;
  readonly narrowed: boolean;
}

export class SuggestionCard {
  readonly element = h("section", { class: "suggestion", "aria-label": "Suggested merges" });
  private rows = new Map<string, HTMLElement>();
  private drawn = "";
  private keymap: Keymap | null = null;

  constructor(private readonly events: SuggestionEvents) {}

  setKeys(keymap: Keymap): void {
    this.keymap = keymap;
    this.drawn = "";
  }

  /** Rows are rebuilt only when they change: a rebuilt row loses pointer and focus. */
  update(shown: Shown, part: (group: number) => Part | undefined): void {
    const looks = shown.listed.map((offer) => [
      offer.groups.map((group) => [group, part(group)?.name, part(group)?.colour]),
      offer.why,
      offer.score,
    ]);
    const drawn = JSON.stringify([looks, shown.left, shown.narrowed]);
    if (drawn !== this.drawn) this.rebuild(shown, part);
    this.drawn = drawn;
    const current = shown.current?.groups.join();
    this.element.classList.toggle("active", current !== undefined);
    for (const [key, row] of this.rows) row.setAttribute("aria-current", String(key === current));
  }

  private rebuild(shown: Shown, part: (group: number) => Part | undefined): void {
    const focused = [...this.rows].find(([, row]) => row === document.activeElement)?.[0];
    this.events.preview(null);
    this.rows = new Map(
      shown.listed.map((offer, place) => [offer.groups.join(), this.row(offer, place, part)]),
    );
    this.element.replaceChildren(
      this.head(shown),
      ...(this.rows.size > 0 ? [h("ol", {}, ...this.items())] : []),
    );
    this.rows.get(focused ?? "")?.focus();
  }

  private items(): HTMLElement[] {
    return [...this.rows.values()].map((row) => h("li", {}, row));
  }

  private head({ left, narrowed }: Shown): HTMLElement {
    const among = narrowed ? " with what is chosen" : "";
    const text =
      left === 0
        ? `No suggestions${among || " left"}`
        : `${left} suggested merge${left === 1 ? "" : "s"}${among}`;
    const next = (): void => {
      this.events.run("suggest");
    };
    return h(
      "div",
      { class: "row between" },
      h("span", { class: "quiet", "aria-live": "polite" }, text),
      left > 0 && h("button", { type: "button", click: next, mousedown: keepFocus }, "Look ", this.key("suggest")),
    );
  }

  private row(
    offer: Offer,
    place: number,
    part: (group: number) => Part | undefined,
  ): HTMLElement {
    const command = TAKES[place] as CommandId;
    const show = (): void => {
      this.events.preview(offer.groups);
    };
    const end = (): void => {
      this.events.preview(null);
    };
    return h(
      "button",
      {
        type: "button",
        class: "offer",
        title: `${COMMANDS[command].title}: ${offer.why}`,
        click: () => {
          this.events.run(command);
        },
        mousedown: keepFocus,
        pointerenter: show,
        pointerleave: end,
        focus: show,
        blur: end,
      },
      this.key(command),
      h("span", { class: "merge" }, ...merged(offer.groups, part)),
      h("span", { class: "quiet" }, `${Math.round(100 * offer.score)} % sure · ${offer.why}`),
    );
  }

  private key(command: CommandId): HTMLElement | null {
    const chord = this.keymap?.[command][0];
    return chord === undefined ? null : h("kbd", {}, label(chord));
  }
}

/** Enter after a click goes to the page: on the button it would take the next one by itself. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

function merged(
  groups: readonly number[],
  part: (group: number) => Part | undefined,
): (Node | string)[] {
  const more = groups.length - NAMED;
  const shown = groups.slice(0, NAMED).map((group) => {
    const found = part(group);
    const name = found?.name || `part ${group}`;
    return h("span", { class: "one" }, found ? swatch(found.colour, 10) : null, name);
  });
  return more > 0 ? [...shown, `+ ${more}`] : shown;
}
