/** The list of parts: the object for those who use keys only, and where names are given. */

import type { Part } from "../review/parts";
import { h, swatch } from "./dom";

export interface PartListEvents {
  choose(group: number, add: boolean): void;
  point(group: number | null): void;
  rename(group: number, name: string): void;
  drop(group: number, dropped: boolean): void;
}

export class PartList {
  readonly element = h("ul", {
    class: "parts",
    role: "listbox",
    "aria-multiselectable": "true",
    "aria-label": "Parts",
  });
  private rows = new Map<number, HTMLElement>();
  private drawn = "";
  private editing: number | null = null;

  constructor(private readonly events: PartListEvents) {
    this.element.addEventListener("keydown", (event) => {
      this.key(event);
    });
    this.element.addEventListener("pointerleave", () => {
      events.point(null);
    });
  }

  /** Largest first. Rows are rebuilt only when parts change, marks follow each time. */
  update(
    parts: readonly Part[],
    chosen: readonly number[],
    hidden: (group: number) => boolean,
  ): void {
    if (this.editing !== null) return;
    const drawn = JSON.stringify(
      parts.map((p) => [p.group, p.name, p.dropped, p.atoms.length, p.faces, p.colour]),
    );
    if (drawn !== this.drawn) this.rebuild(parts, drawn);
    for (const [group, row] of this.rows) {
      row.setAttribute("aria-selected", String(chosen.includes(group)));
      row.classList.toggle("hidden", hidden(group));
    }
  }

  /** Turns the name of a part into a field. */
  edit(group: number): void {
    const row = this.rows.get(group);
    const slot = row?.querySelector(".name");
    if (!row || !slot) return;
    this.editing = group;
    const field = h("input", {
      type: "text",
      maxlength: 100,
      "aria-label": "Name of the part",
      list: "part-names",
    });
    field.value = row.dataset["name"] ?? "";
    const done = (keep: boolean): void => {
      if (this.editing === null) return;
      this.editing = null;
      this.drawn = "";
      const name = cleanName(field.value);
      this.events.rename(group, keep ? name : (row.dataset["name"] ?? ""));
      this.rows.get(group)?.focus();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") done(true);
      if (event.key === "Escape") done(false);
    });
    field.addEventListener("blur", () => {
      done(true);
    });
    slot.replaceChildren(field);
    row.scrollIntoView({ block: "nearest" });
    field.focus();
    field.select();
  }

  scrollTo(group: number): void {
    this.rows.get(group)?.scrollIntoView({ block: "nearest" });
  }

  private rebuild(parts: readonly Part[], drawn: string): void {
    const focused = [...this.rows].find(([, row]) => row === document.activeElement)?.[0];
    this.drawn = drawn;
    this.rows = new Map(parts.map((part) => [part.group, this.row(part)]));
    this.element.replaceChildren(...this.rows.values());
    const first = this.rows.get(focused ?? -1) ?? [...this.rows.values()][0];
    first?.setAttribute("tabindex", "0");
    if (focused !== undefined) first?.focus();
  }

  private row(part: Part): HTMLElement {
    const { group } = part;
    const drop = h(
      "button",
      {
        type: "button",
        class: "drop",
        tabindex: -1,
        title: part.dropped ? "Take back" : "Drop: leave it out of the result",
        "aria-label": part.dropped ? "Take back" : "Drop",
        click: (event: MouseEvent) => {
          event.stopPropagation();
          this.events.drop(group, !part.dropped);
        },
      },
      part.dropped ? "+" : "−",
    );
    const row = h(
      "li",
      {
        role: "option",
        tabindex: -1,
        class: part.dropped ? "dropped" : "",
        "data-group": group,
        "data-name": part.name,
        click: (event: MouseEvent) => {
          this.events.choose(group, event.shiftKey || event.ctrlKey || event.metaKey);
        },
        dblclick: () => {
          this.edit(group);
        },
        pointerenter: () => {
          this.events.point(group);
        },
        focus: () => {
          this.events.point(group);
        },
      },
      swatch(part.colour),
      h("span", { class: part.name ? "name" : "name quiet" }, part.name || `part ${group}`),
      h("span", { class: "share" }, percent(part.share)),
      drop,
    );
    return row;
  }

  private key(event: KeyboardEvent): void {
    const groups = [...this.rows.keys()];
    const here = groups.findIndex((group) => this.rows.get(group) === document.activeElement);
    if (here < 0) return;
    const group = groups[here] as number;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) this.rows.get(groups[here + step] ?? -1)?.focus();
    else if (event.key === " ") this.events.choose(group, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A name as the server takes it: a line of at most 200 bytes without spaces around it. */
export function cleanName(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, " ");
  const letters = Array.from(line.trim());
  while (new TextEncoder().encode(letters.join("")).length > 200) letters.pop();
  return letters.join("").trim();
}

/** A share in [0, 1] for people. */
export function percent(share: number): string {
  const value = 100 * share;
  return value < 0.1 ? "< 0.1 %" : `${value.toFixed(value < 10 ? 1 : 0)} %`;
}
