/** Tables whose columns sort when their heads are pressed. */

import { h } from "../panels/dom";

export interface Column<Row> {
  readonly title: string;
  /** What the cell shows; what sorts, too, unless `order` is given. */
  readonly text: (row: Row) => string;
  readonly order?: (row: Row) => number | string | null;
  /** Explains the column. */
  readonly hint?: string;
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b));
}

/** A table of rows; numbers are aligned to the right. */
export function table<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  extra?: (row: Row) => Node,
): HTMLElement {
  const body = h("tbody", {});
  const fill = (ordered: readonly Row[]): void => {
    body.replaceChildren(
      ...ordered.map((row) =>
        h(
          "tr",
          {},
          ...columns.map((column) =>
            h("td", { class: column.order ? "number" : "" }, column.text(row)),
          ),
          ...(extra ? [h("td", {}, extra(row))] : []),
        ),
      ),
    );
  };
  let sorted = -1;
  let sign = -1;
  const sort = (index: number): void => {
    const column = columns[index] as Column<Row>;
    sign = sorted === index ? -sign : column.order ? -1 : 1;
    sorted = index;
    const key = (row: Row): number | string | null => (column.order ?? column.text)(row);
    fill([...rows].sort((a, b) => sign * compare(key(a), key(b))));
  };
  const heads = columns.map((column, index) =>
    h(
      "th",
      { scope: "col", title: column.hint ?? "", class: column.order ? "number" : "" },
      h(
        "button",
        {
          type: "button",
          class: "link",
          click: () => {
            sort(index);
          },
        },
        column.title,
      ),
    ),
  );
  fill(rows);
  if (rows.length === 0) return h("p", { class: "quiet" }, "Nothing yet.");
  return h(
    "div",
    { class: "table" },
    h(
      "table",
      { "aria-label": name },
      h("thead", {}, h("tr", {}, ...heads, extra ? h("th", {}) : null)),
      body,
    ),
  );
}

/** A number column. */
export function number<Row>(
  title: string,
  value: (row: Row) => number | null,
  format: (value: number) => string = String,
  hint?: string,
): Column<Row> {
  return {
    title,
    order: value,
    text: (row) => {
      const found = value(row);
      return found === null ? "–" : format(found);
    },
    ...(hint ? { hint } : {}),
  };
}

export const asPercent = (value: number): string => `${Math.round(100 * value)} %`;
export const asScore = (value: number): string => value.toFixed(2);

/** Seconds as `42 s`, `3:05 min` or `2.4 h`. */
export function asTime(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds >= 3600) return `${(seconds / 3600).toFixed(1)} h`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}
