/** The sliders: how many parts the tree makes, how far apart they are shown, how much texture. */

import { h } from "./dom";

export interface SliderEvents {
  /** While the level is dragged. */
  tryLevel(count: number): void;
  /** When the level is let go. */
  setLevel(count: number): void;
  setExplode(amount: number): void;
  setShare(share: number): void;
}

function range(name: string, max: number, step: number): HTMLInputElement {
  return h("input", { type: "range", min: 0, max, step, "aria-label": name, "data-slider": name });
}

export class Sliders {
  private readonly level = range("level", 1, 0.0005);
  private readonly explode = range("explode", 2, 0.01);
  private readonly share = range("segments", 1, 0.01);
  private readonly count = h("output", {});
  private most = 1;
  readonly element: HTMLElement;

  constructor(events: SliderEvents) {
    this.element = h(
      "div",
      { class: "sliders" },
      h("label", {}, "Parts by the tree", this.level, this.count),
      h("label", {}, "Segments over texture", this.share),
      h("label", {}, "Exploded", this.explode),
    );
    this.level.addEventListener("input", () => {
      this.count.value = String(this.chosen);
      events.tryLevel(this.chosen);
    });
    this.level.addEventListener("change", () => {
      events.setLevel(this.chosen);
    });
    // The steps of a logarithmic slider are not whole parts; those of the arrow keys have to be.
    this.level.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      events.setLevel(Math.min(Math.max(this.chosen + step, 1), this.most));
    });
    this.explode.addEventListener("input", () => {
      events.setExplode(this.explode.valueAsNumber);
    });
    this.share.addEventListener("input", () => {
      events.setShare(this.share.valueAsNumber);
    });
  }

  /** The slider is logarithmic: between 3 and 6 parts lies as much as between 50 and 100. */
  private get chosen(): number {
    return Math.round(this.most ** this.level.valueAsNumber);
  }

  setLevel(count: number, most: number): void {
    this.most = Math.max(most, 1);
    this.level.disabled = this.most < 2;
    this.level.valueAsNumber =
      this.most > 1 ? Math.log(Math.max(count, 1)) / Math.log(this.most) : 0;
    this.count.value = String(count);
  }

  setExplode(amount: number): void {
    this.explode.valueAsNumber = amount;
  }

  setShare(share: number): void {
    this.share.valueAsNumber = share;
  }
}
