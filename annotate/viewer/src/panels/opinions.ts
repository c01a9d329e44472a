/** What an arbiter has to weigh: the opinions, which of them is shown, and which one stands. */

import type { Opinion } from "../network/contract";
import { h } from "./dom";

export interface OpinionEvents {
  /** Shows an opinion instead of the arbiter's own labels; null goes back to those. */
  show(opinion: Opinion | null): void;
  pick(opinion: Opinion): void;
}

export class Opinions {
  readonly element = h("section", { class: "opinions", "aria-label": "Opinions" });
  private shown: Opinion | null = null;

  constructor(private readonly events: OpinionEvents) {}

  /** @param opinions empty for everybody but arbiters. */
  set(opinions: readonly Opinion[]): void {
    this.shown = null;
    this.draw(opinions);
  }

  private draw(opinions: readonly Opinion[]): void {
    this.element.hidden = opinions.length === 0;
    const toggle = (opinion: Opinion): void => {
      this.shown = this.shown === opinion ? null : opinion;
      this.events.show(this.shown);
      this.draw(opinions);
    };
    this.element.replaceChildren(
      h(
        "p",
        {},
        h("strong", {}, "Opinions differ. "),
        "Look at each, let one stand, or edit and accept your own.",
      ),
      ...opinions.map((opinion) =>
        h(
          "div",
          { class: "row between" },
          h(
            "span",
            {},
            `${opinion.label}: ${[opinion.verdict, opinion.reason, opinion.note].filter((text) => text !== "").join(", ")}`,
          ),
          h(
            "span",
            { class: "row" },
            h(
              "button",
              {
                type: "button",
                "aria-pressed": String(this.shown === opinion),
                click: () => {
                  toggle(opinion);
                },
              },
              "Show",
            ),
            h(
              "button",
              {
                type: "button",
                click: () => {
                  this.events.pick(opinion);
                },
              },
              "Let stand",
            ),
          ),
        ),
      ),
    );
  }
}
