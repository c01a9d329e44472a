/** Mouse, pen and touch on the canvas: a press without movement picks, the rest is the camera's or a tool's. */

import type { Hit } from "../scene/picking";
import type { Stage } from "../scene/stage";
import type { Pointer, Tool } from "./tool";

const CLICK_PIXELS = 4;
const HOVER_MS = 30;

export interface PointerTarget {
  readonly tool: Tool | null;
  hit(pointer: { readonly view: Pointer["view"] }): Hit | null;
  hover(hit: Hit | null): void;
}

export class PointerInput {
  private start: { x: number; y: number } | null = null;
  private owned = false;
  private moved = false;
  private hoverTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly target: PointerTarget,
  ) {
    const { canvas } = stage;
    // Captured at the parent, so that a tool can take a press before the camera sees it.
    canvas.parentElement?.addEventListener(
      "pointerdown",
      (event) => {
        this.down(event);
      },
      true,
    );
    canvas.addEventListener("pointermove", (event) => {
      this.move(event);
    });
    canvas.addEventListener("pointerup", (event) => {
      this.up(event);
    });
    canvas.addEventListener("pointercancel", () => {
      this.release();
    });
    canvas.addEventListener("pointerleave", () => {
      this.leave();
    });
  }

  private pointer(event: PointerEvent): Pointer | null {
    const view = this.stage.toView(event.clientX, event.clientY);
    if (!view) return null;
    return {
      clientX: event.clientX,
      clientY: event.clientY,
      view,
      shift: event.shiftKey,
      alternate: event.altKey,
      hit: () => this.target.hit({ view }),
    };
  }

  private down(event: PointerEvent): void {
    const { tool } = this.target;
    if (event.button !== 0 || event.target !== this.stage.canvas || !tool) return;
    this.start = { x: event.clientX, y: event.clientY };
    this.moved = false;
    this.owned = tool.drags || event.shiftKey;
    const pointer = this.pointer(event);
    if (!pointer || !this.owned) return;
    this.stage.controls.enabled = false;
    this.stage.canvas.setPointerCapture(event.pointerId);
    tool.down(pointer);
  }

  private move(event: PointerEvent): void {
    const pointer = this.pointer(event);
    if (
      this.start &&
      Math.hypot(event.clientX - this.start.x, event.clientY - this.start.y) >= CLICK_PIXELS
    ) {
      this.moved = true;
    }
    if (pointer) this.target.tool?.move(pointer, this.owned && this.start !== null);
    clearTimeout(this.hoverTimer);
    if (event.buttons === 0 && pointer) {
      this.hoverTimer = setTimeout(() => {
        this.target.hover(pointer.hit());
      }, HOVER_MS);
    }
  }

  private up(event: PointerEvent): void {
    const { tool } = this.target;
    const pointer = this.pointer(event);
    const { start } = this;
    if (start && tool && pointer) {
      if (this.owned) tool.up(pointer);
      if (!this.moved) tool.click(pointer);
    }
    this.release();
  }

  private release(): void {
    this.start = null;
    this.owned = false;
    this.stage.controls.enabled = true;
  }

  private leave(): void {
    clearTimeout(this.hoverTimer);
    this.target.hover(null);
    if (!this.start) this.target.tool?.leave();
  }
}
