/** Ring of the brush and line of the lasso, drawn over the canvas in SVG. */

import { svg } from "../panels/dom";

export class Overlay {
  readonly element = svg("svg", { class: "overlay", "aria-hidden": "true" });
  private readonly ring = svg("circle", { class: "ring", r: 0 });
  private readonly line = svg("polygon", { class: "lasso" });

  constructor() {
    this.element.append(this.ring, this.line);
  }

  /** In pixels of the page; a radius of 0 hides the ring. */
  setRing(clientX: number, clientY: number, radius: number): void {
    const box = this.element.getBoundingClientRect();
    this.ring.setAttribute("cx", String(clientX - box.left));
    this.ring.setAttribute("cy", String(clientY - box.top));
    this.ring.setAttribute("r", String(radius));
  }

  setLasso(points: readonly (readonly [number, number])[]): void {
    const box = this.element.getBoundingClientRect();
    const text = points.map(([x, y]) => `${x - box.left},${y - box.top}`).join(" ");
    this.line.setAttribute("points", text);
  }

  clear(): void {
    this.setRing(0, 0, 0);
    this.setLasso([]);
  }
}
