/** How objects are looked at; stays as it is from one object to the next. */

import type { SecondView, Stage } from "../scene/stage";
import type { ObjectView } from "./object_view";

const SHARES = [0.65, 1, 0] as const;
const SECONDS: readonly SecondView[] = ["off", "texture", "behind"];

export class Looks {
  explode = 0;

  constructor(private readonly stage: Stage) {}

  /** Both, segments, texture, and around. */
  cycleShare(): number {
    const here = SHARES.findIndex((share) => share === this.stage.segmentShare);
    this.stage.segmentShare = SHARES[(here + 1) % SHARES.length] as number;
    this.stage.invalidate();
    return this.stage.segmentShare;
  }

  setExplode(view: ObjectView, amount: number): void {
    this.explode = amount;
    view.skin.explode = amount;
    this.stage.invalidate();
  }

  toggleXray(): void {
    this.stage.xray = !this.stage.xray;
    this.stage.invalidate();
  }

  toggleBorders(): void {
    this.stage.showBorders = !this.stage.showBorders;
    this.stage.invalidate();
  }

  cycleSecond(): void {
    const here = SECONDS.indexOf(this.stage.secondView);
    this.stage.secondView = SECONDS[(here + 1) % SECONDS.length] as SecondView;
  }

  get pressed(): Readonly<Record<string, boolean>> {
    return {
      xray: this.stage.xray,
      borders: this.stage.showBorders,
      second: this.stage.secondView !== "off",
      explode: this.explode > 0,
    };
  }
}
