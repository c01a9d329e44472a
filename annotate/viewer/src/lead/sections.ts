/** The sections of the overview, a function for each of the server's tables. */

import type {
  Figures,
  ObjectTime,
  PairAgreement,
  QueueProgress,
  ReasonCount,
  ReviewerFigures,
  SuggestionDay,
} from "../network/figures";
import { h } from "../panels/dom";
import { bars, line, shares } from "./charts";
import { asPercent, asScore, asTime, number, table } from "./table";

function section(title: string, name: keyof Figures, ...content: readonly Node[]): HTMLElement {
  return h(
    "section",
    { "aria-label": title },
    h(
      "div",
      { class: "row between" },
      h("h2", {}, title),
      h("a", { href: `api/v1/stats/${name}.csv`, download: `${name}.csv` }, "CSV"),
    ),
    ...content,
  );
}

function words(code: string): string {
  return code.replaceAll("_", " ").replaceAll("-", " ");
}

export function progress(rows: readonly QueueProgress[]): HTMLElement {
  const charts = rows.map((row) =>
    h(
      "div",
      {},
      h("h3", {}, row.queue),
      shares(`Tasks of ${row.queue}`, [
        { label: "accepted", value: row.accepted, kind: "accepted" },
        { label: "rejected", value: row.rejected, kind: "rejected" },
        { label: "needs better segments", value: row.needs_better_atoms, kind: "atoms" },
        { label: "cannot decide", value: row.cannot_decide, kind: "undecided" },
        { label: "adjudication", value: row.adjudication, kind: "adjudication" },
        { label: "open", value: row.open, kind: "open" },
      ]),
    ),
  );
  return section(
    "Progress",
    "progress",
    h("div", { class: "charts" }, ...charts),
    table<QueueProgress>(
      "Progress",
      [
        { title: "Queue", text: (row) => row.queue },
        number("Tasks", (row) => row.tasks),
        number("Ready", (row) => row.ready, String, "Slots that can be claimed now"),
        number("Held", (row) => row.held, String, "Slots with a live lease"),
        number(
          "Stale",
          (row) => row.stale_leases,
          String,
          "Slots whose holder let the lease run out",
        ),
        number("Adjudication", (row) => row.adjudication),
        number("Decided", (row) => row.decided),
        number("This week", (row) => row.decided_in_week),
        number("Superseded", (row) => row.superseded, String, "Replaced by a new segmentation"),
        number(
          "Work left",
          (row) => row.active_hours_left,
          (hours) => asTime(3600 * hours),
          "Slots left times last week's median active time",
        ),
      ],
      rows,
    ),
  );
}

export function throughput(rows: readonly ReviewerFigures[]): HTMLElement {
  const busy = rows.filter((row) => row.per_active_hour !== null);
  return section(
    "Reviewers",
    "reviewers",
    h(
      "div",
      { class: "charts" },
      h(
        "div",
        {},
        h("h3", {}, "Objects by active hour"),
        bars(
          "Objects by active hour",
          busy.map((row) => ({
            label: row.reviewer,
            value: row.per_active_hour ?? 0,
            text: (row.per_active_hour ?? 0).toFixed(0),
          })),
        ),
      ),
      h(
        "div",
        {},
        h("h3", {}, "Median active time"),
        bars(
          "Median active time",
          busy.map((row) => ({
            label: row.reviewer,
            value: row.median_active_s ?? 0,
            text: asTime(row.median_active_s ?? 0),
          })),
        ),
      ),
    ),
    table<ReviewerFigures>(
      "Reviewers",
      [
        { title: "Reviewer", text: (row) => row.reviewer },
        number("Objects", (row) => row.objects),
        number(
          "By hour",
          (row) => row.per_active_hour,
          (value) => value.toFixed(0),
          "Objects by the hour of active time",
        ),
        number("Median", (row) => row.median_active_s, asTime, "Median active time an object"),
        number("Mean", (row) => row.mean_active_s, asTime),
        number("Wall", (row) => row.median_wall_s, asTime, "Median time with pauses and loading"),
        number(
          "Edits",
          (row) => row.median_edits,
          (value) => value.toFixed(0),
          "Median operations an object",
        ),
        number("As is", (row) => row.as_is, asPercent, "Accepted without an operation"),
        number("Suggested", (row) => row.suggested, asPercent, "Operations that took a suggestion"),
        number("Rejected", (row) => row.rejected),
        number("Skipped", (row) => row.skipped),
        number("Hasty", (row) => row.hasty, asPercent, "As is within two seconds of active time"),
      ],
      rows,
    ),
  );
}

export function gold(rows: readonly ReviewerFigures[]): HTMLElement {
  const scored = rows.filter((row) => row.gold > 0 || row.compared > 0);
  return section(
    "Gold and agreement by reviewer",
    "reviewers",
    h(
      "div",
      { class: "charts" },
      h(
        "div",
        {},
        h("h3", {}, "Gold score"),
        bars(
          "Gold score",
          scored
            .filter((row) => row.gold_score !== null)
            .map((row) => ({
              label: row.reviewer,
              value: row.gold_score ?? 0,
              text: `${asScore(row.gold_score ?? 0)} of ${row.gold}`,
            })),
        ),
      ),
    ),
    table<ReviewerFigures>(
      "Gold and agreement",
      [
        { title: "Reviewer", text: (row) => row.reviewer },
        number(
          "Gold score",
          (row) => row.gold_score,
          asScore,
          "Mean matched IoU on tasks with known answer",
        ),
        number("Gold tasks", (row) => row.gold),
        number("Kappa", (row) => row.kappa, asScore, "By face, in blind pairs"),
        number("IoU", (row) => row.iou, asScore, "Mean matched IoU in blind pairs"),
        number("Same verdict", (row) => row.same_verdict, asPercent),
        number("Compared", (row) => row.compared),
      ],
      scored,
    ),
  );
}

export function agreement(rows: readonly PairAgreement[]): HTMLElement {
  return section(
    "Agreement of pairs",
    "agreement",
    table<PairAgreement>(
      "Agreement of pairs",
      [
        { title: "First", text: (row) => row.first },
        { title: "Second", text: (row) => row.second },
        number("Compared", (row) => row.compared),
        number("Same verdict", (row) => row.same_verdict, asPercent),
        number("Kappa of verdicts", (row) => row.verdict_kappa, asScore),
        number("Kappa by face", (row) => row.kappa, asScore),
        number("IoU", (row) => row.iou, asScore),
        number("Adjudicated", (row) => row.adjudicated),
      ],
      rows,
    ),
  );
}

export function reasons(rows: readonly ReasonCount[]): HTMLElement {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.reason, (sums.get(row.reason) ?? 0) + row.objects);
  const entries = [...sums].sort(([, a], [, b]) => b - a);
  return section(
    "Why objects were rejected",
    "reasons",
    h(
      "div",
      { class: "charts" },
      bars(
        "Reasons of rejections",
        entries.map(([reason, value]) => ({ label: words(reason), value, text: String(value) })),
      ),
    ),
    table<ReasonCount>(
      "Reasons",
      [
        { title: "Queue", text: (row) => row.queue },
        { title: "Reason", text: (row) => words(row.reason) },
        number("Objects", (row) => row.objects),
      ],
      rows,
    ),
  );
}

export function suggested(rows: readonly SuggestionDay[]): HTMLElement {
  return section(
    "Suggestions",
    "suggestions",
    h(
      "div",
      { class: "charts" },
      h(
        "div",
        {},
        h("h3", {}, "Kept by taken, by day"),
        line(
          "Kept by taken",
          rows.map((row) => row.accepted),
        ),
      ),
    ),
    table<SuggestionDay>(
      "Suggestions",
      [
        { title: "Day", text: (row) => row.day },
        number("Objects", (row) => row.objects),
        number("Merges", (row) => row.merges),
        number("Taken", (row) => row.taken, String, "Merges that took a suggestion"),
        number("Kept", (row) => row.kept, String, "Not the very next thing that was undone"),
        number("Of merges", (row) => row.share_of_merges, asPercent),
        number("Accepted", (row) => row.accepted, asPercent, "Kept by taken"),
      ],
      rows,
    ),
  );
}

export function slowest(rows: readonly ObjectTime[]): HTMLElement {
  return section(
    "Slowest objects",
    "slowest",
    table<ObjectTime>(
      "Slowest objects",
      [
        { title: "Object", text: (row) => row.name },
        { title: "Queue", text: (row) => row.queue },
        { title: "Reviewer", text: (row) => row.reviewer },
        { title: "Verdict", text: (row) => words(row.verdict) },
        number("Active", (row) => row.active_s, asTime),
        number("Wall", (row) => row.wall_s, asTime),
        number("Edits", (row) => row.edits),
        number("Suggested", (row) => row.suggested),
        number(
          "Faces",
          (row) => row.faces,
          (value) => value.toLocaleString("en"),
        ),
      ],
      rows,
    ),
  );
}
