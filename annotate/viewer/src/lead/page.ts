/** The overview: how far, how fast, how well, and why not. */

import { api } from "../network/api";
import type { User } from "../network/contract";
import type { Figures } from "../network/figures";
import { h } from "../panels/dom";
import { agreement, gold, progress, reasons, slowest, suggested, throughput } from "./sections";
import { Tasks } from "./tasks";

/** Shows the overview in `root`. */
export async function leadPage(root: HTMLElement, user: User): Promise<void> {
  document.title = "Overview – Partworks review";
  const body = h("main", {}, h("p", { class: "quiet" }, "Counting …"));
  root.replaceChildren(
    h(
      "div",
      { class: "lead" },
      h(
        "header",
        {},
        h("h1", {}, "Overview"),
        h("a", { href: "#/" }, "Review"),
        h("a", { href: "#/captions" }, "Captions"),
        h("a", { href: "api/v1/stats", download: "stats.json" }, "JSON"),
        h("span", { class: "quiet" }, user.name),
      ),
      body,
    ),
  );
  const figures = await api.get<Figures>("stats");
  body.replaceChildren(
    progress(figures.progress),
    throughput(figures.reviewers),
    gold(figures.reviewers),
    agreement(figures.agreement),
    reasons(figures.reasons),
    suggested(figures.suggestions),
    slowest(figures.slowest),
    new Tasks().element,
  );
}
