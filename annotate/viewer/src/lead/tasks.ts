/** Tasks one by one, and what a lead can do to each. */

import { api } from "../network/api";
import type { TaskPage, TaskRow } from "../network/figures";
import { h } from "../panels/dom";
import { askChoice, askText } from "../panels/verdicts";
import { number, table } from "./table";

const STATES = ["", "open", "adjudication", "decided", "superseded"] as const;

export class Tasks {
  readonly element: HTMLElement;
  private readonly body = h("div", {});
  private readonly state = h(
    "select",
    {
      "aria-label": "State",
      change: () => {
        this.start();
      },
    },
    ...STATES.map((state) => h("option", { value: state }, state || "all states")),
  );
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private loads = 0;

  constructor() {
    this.element = h(
      "section",
      { "aria-label": "Tasks" },
      h("div", { class: "row between" }, h("h2", {}, "Tasks"), this.state),
      this.problem,
      this.body,
    );
    this.start();
  }

  private start(): void {
    void this.load(0, []);
  }

  /** Shows a further page below `rows`; only the load that was begun last may draw. */
  private async load(after: number, rows: readonly TaskRow[]): Promise<void> {
    const mine = (this.loads += 1);
    const state = this.state.value ? `&state=${encodeURIComponent(this.state.value)}` : "";
    try {
      const page = await api.get<TaskPage>(`tasks?after=${after}${state}`);
      if (mine === this.loads) this.draw([...rows, ...page.tasks], page.after);
    } catch (error) {
      this.problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  private draw(rows: readonly TaskRow[], after: number | null): void {
    const shown = table(
      "Tasks",
      [
        number("Task", (row: TaskRow) => row.id),
        { title: "Object", text: (row) => row.name },
        { title: "Queue", text: (row) => row.queue },
        { title: "State", text: (row) => (row.gold ? `${row.state}, gold` : row.state) },
        {
          title: "Verdict",
          text: (row) => [row.verdict, row.reason].filter(Boolean).join(": ") || "–",
        },
        { title: "Held by", text: (row) => row.holders.join(", ") || "–" },
        { title: "Reviewed by", text: (row) => row.reviewers.join(", ") || "–" },
      ],
      rows,
      (row) => this.buttons(row),
    );
    this.body.replaceChildren(
      shown,
      ...(after === null
        ? []
        : [
            h(
              "button",
              {
                type: "button",
                click: () => {
                  void this.load(after, rows);
                },
              },
              "More",
            ),
          ]),
    );
  }

  private buttons(row: TaskRow): HTMLElement {
    const button = (text: string, work: () => Promise<unknown>): HTMLElement =>
      h(
        "button",
        {
          type: "button",
          class: "link",
          click: () => {
            void this.run(work);
          },
        },
        text,
      );
    return h(
      "div",
      { class: "row" },
      row.state === "decided" ? button("Return", () => this.giveBack(row)) : null,
      row.state === "decided" && !row.gold
        ? button("Make gold", () => api.post(`tasks/${row.id}/gold`))
        : null,
      row.holders.length > 0
        ? button("Release", () => api.post(`tasks/${row.id}/force-release`))
        : null,
    );
  }

  private async giveBack(row: TaskRow): Promise<void> {
    const to = await askChoice(`Return “${row.name}”`, "Who is to look at it again?", [
      ["", "Nobody"],
      ["same", "The same reviewer"],
      ["anyone", "Anyone"],
    ]);
    if (to === "") return;
    const note = await askText("What is to be done?", "");
    if (note !== null) await api.post(`tasks/${row.id}/reopen`, { to, note });
  }

  private async run(work: () => Promise<unknown>): Promise<void> {
    this.problem.textContent = "";
    try {
      await work();
      this.start();
    } catch (error) {
      this.problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
