/** The suggestion that is being looked at, and how many are left. */

import type { Suggestion } from "../network/contract";
import { h } from "./dom";

export class SuggestionCard {
  readonly element = h("section", { class: "suggestion", "aria-live": "polite" });

  /** @param suggestion null when none is being looked at. */
  update(
    suggestion: Suggestion | null,
    left: number,
    names: (group: number) => string,
    take: () => void,
    next: () => void,
  ): void {
    this.element.classList.toggle("active", suggestion !== null);
    if (!suggestion) {
      const text =
        left === 0 ? "No suggestions left" : `${left} suggested merge${left === 1 ? "" : "s"}`;
      this.element.replaceChildren(
        h("span", { class: "quiet" }, text),
        ...(left > 0
          ? [h("button", { type: "button", click: next }, "Look ", h("kbd", {}, "N"))]
          : []),
      );
      return;
    }
    this.element.replaceChildren(
      h("p", {}, h("strong", {}, "Merge "), suggestion.groups.map(names).join(", "), "?"),
      h(
        "p",
        { class: "quiet" },
        `${suggestion.why} · ${Math.round(100 * suggestion.score)} % sure`,
      ),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "primary", click: take }, "Take ", h("kbd", {}, "↵")),
        h("button", { type: "button", click: next }, "Next ", h("kbd", {}, "N")),
        h("span", { class: "quiet" }, `${left} left`),
      ),
    );
  }
}
