/** Small charts in SVG; every number in them is in a table beside them too. */

import { h, svg } from "../panels/dom";

const WIDTH = 360;
const ROW = 22;

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What is written at its end. */
  readonly text: string;
}

/** Horizontal bars from zero, the longest as wide as the chart allows. */
export function bars(title: string, entries: readonly Bar[]): Element {
  const most = Math.max(...entries.map(({ value }) => value), 1e-9);
  const left = 110;
  const room = WIDTH - left - 60;
  return svg(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${WIDTH} ${Math.max(entries.length, 1) * ROW}`,
      role: "img",
      "aria-label": title,
    },
    ...entries.flatMap(({ label, value, text }, index) => {
      const width = Math.max((value / most) * room, 1);
      const y = index * ROW;
      return [
        svg("text", { x: left - 8, y: y + 15, class: "label" }, shortened(label)),
        svg("rect", { x: left, y: y + 4, width, height: ROW - 8, rx: 2, class: "bar" }),
        svg("text", { x: left + width + 6, y: y + 15 }, text),
      ];
    }),
  );
}

function shortened(label: string): string {
  return label.length > 16 ? `${label.slice(0, 15)}…` : label;
}

export interface Share {
  readonly label: string;
  readonly value: number;
  /** A class of the stylesheet: `accepted`, `rejected`, … */
  readonly kind: string;
}

/** One bar in shares of a whole, with its legend. */
export function shares(title: string, entries: readonly Share[]): Element {
  const total = entries.reduce((sum, { value }) => sum + value, 0) || 1;
  let x = 0;
  const pieces = entries.map(({ value, kind }) => {
    const width = (value / total) * WIDTH;
    x += width;
    return svg("rect", { x: x - width, y: 0, width, height: 18, class: `share ${kind}` });
  });
  return h(
    "figure",
    {},
    svg(
      "svg",
      { class: "chart", viewBox: `0 0 ${WIDTH} 18`, role: "img", "aria-label": title },
      ...pieces,
    ),
    h(
      "figcaption",
      {},
      ...entries
        .filter(({ value }) => value > 0)
        .map(({ label, value, kind }) =>
          h(
            "span",
            { class: "legend" },
            svg(
              "svg",
              { width: 10, height: 10, "aria-hidden": "true" },
              svg("rect", { width: 10, height: 10, class: `share ${kind}` }),
            ),
            ` ${label} ${value}`,
          ),
        ),
    ),
  );
}

/** A line over days, values in [0, 1]; days without a value break it. */
export function line(title: string, values: readonly (number | null)[]): Element {
  const height = 90;
  const [left, right] = [40, 6];
  const step = (WIDTH - left - right) / Math.max(values.length - 1, 1);
  const at = (value: number, index: number): string =>
    `${(left + index * step).toFixed(1)},${(6 + (1 - value) * (height - 12)).toFixed(1)}`;
  const runs: string[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) runs.push([]);
    else (runs.at(-1) as string[]).push(at(value, index));
  });
  return svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title },
    ...[0, 0.5, 1].flatMap((value) => {
      const y = 6 + (1 - value) * (height - 12);
      return [
        svg("line", { x1: left, x2: WIDTH - right, y1: y, y2: y, class: "grid" }),
        svg("text", { x: left - 6, y: y + 4, class: "label" }, `${100 * value} %`),
      ];
    }),
    ...runs
      .filter((run) => run.length > 1)
      .map((run) => svg("polyline", { points: run.join(" "), class: "line" })),
    ...runs.flat().map((point) => {
      const [cx, cy] = point.split(",") as [string, string];
      return svg("circle", { cx, cy, r: 3, class: "point" });
    }),
  );
}
