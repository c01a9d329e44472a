/** One text, edited in place: Enter saves, Escape takes the former one back, Tab goes on. */

import type { Caption, Edit, Field } from "../network/captions";
import { h } from "../panels/dom";
import { LABELS, MOST_WORDS, countWords, tidy } from "./words";

export interface TextEvents {
  /** What was typed so far, or null if it is what the server has. */
  draft(field: Field, text: string | null): void;
  save(field: Field, text: string): void;
  withdraw(field: Field): void;
}

export class Text {
  readonly element: HTMLElement;
  private readonly input: HTMLTextAreaElement;
  private readonly state = h("p", { class: "quiet state" });
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private server = "";
  private edit: Edit | undefined;

  constructor(
    private readonly target: string,
    private readonly field: Field,
    private readonly events: TextEvents,
  ) {
    const about = target === "whole" ? "the object" : `part ${target}`;
    this.input = h("textarea", {
      rows: 1,
      placeholder: "–",
      spellcheck: true,
      lang: "en",
      "aria-label": `${LABELS[field]} of ${about}`,
      input: () => {
        this.typed();
      },
      keydown: (event: KeyboardEvent) => {
        this.pressed(event);
      },
    });
    this.element = h(
      "div",
      { class: "text" },
      h("span", { class: "quiet", "aria-hidden": "true" }, LABELS[field]),
      h("div", {}, this.input, this.state, this.problem),
    );
  }

  /** Shows what the server has; what was typed and not saved stays. */
  update(caption: Caption, draft: string | undefined, closed: boolean): void {
    this.server = caption.texts[this.field];
    this.edit = caption.edits[this.field];
    const wanted = draft ?? this.server;
    if (this.input.value !== wanted) this.input.value = wanted;
    this.input.readOnly = closed;
    if (draft === undefined) this.problem.textContent = "";
    this.describe();
  }

  /** Says what is wrong with what was typed, which stays. */
  refuse(message: string): void {
    this.problem.textContent = message;
    this.input.focus();
  }

  private get isDraft(): boolean {
    return tidy(this.input.value) !== this.server;
  }

  private typed(): void {
    this.problem.textContent = "";
    this.events.draft(this.field, this.isDraft ? this.input.value : null);
    this.describe();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return; // Enter ends a word of an input method
    if (event.key === "Enter") {
      event.preventDefault();
      const wanted = this.isDraft && !this.input.readOnly;
      if (wanted) this.events.save(this.field, tidy(this.input.value));
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.input.value = this.server;
      this.typed();
    }
  }

  private describe(): void {
    const words = countWords(this.input.value);
    const tooLong = this.field === "short" && words > MOST_WORDS;
    const count = this.field === "short" ? `${words} of ${MOST_WORDS} words` : "";
    const unsaved = this.isDraft ? "not saved: Enter saves, Esc takes it back" : "";
    this.input.setAttribute("aria-invalid", String(tooLong));
    this.element.classList.toggle("unsaved", this.isDraft);
    this.element.classList.toggle("too-long", tooLong);
    this.state.replaceChildren([unsaved, count].filter(Boolean).join(" · "), ...this.history());
  }

  private history(): readonly Node[] {
    const { edit } = this;
    if (!edit) return [];
    const when = new Date(edit.at);
    const at = Number.isNaN(when.getTime()) ? "" : `, ${when.toLocaleString("en-GB", STYLE)}`;
    const was = edit.before === this.server || !edit.before ? "" : ` · was “${edit.before}”`;
    return [
      h("span", { class: "history" }, ` edited by ${edit.by || "somebody"}${at}${was} `),
      h(
        "button",
        {
          type: "button",
          class: "link",
          "aria-label": `Withdraw the edit of the ${LABELS[this.field]} of ${this.target}`,
          click: () => {
            this.events.withdraw(this.field);
          },
        },
        "Withdraw",
      ),
    ];
  }
}

const STYLE: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
