/** What a mode of the pointer is. */

import type { Vector2 } from "three";

import type { Hit } from "../scene/picking";

export interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
  /** In the first view, each axis in [-1, 1]. */
  readonly view: Vector2;
  readonly shift: boolean;
  readonly alternate: boolean;
  readonly hit: () => Hit | null;
}

export type ToolName = "select" | "brush" | "lasso" | "plane" | "seeds";

export interface Tool {
  readonly name: ToolName;
  /** One line that tells how it is used. */
  readonly hint: string;
  /** Whether dragging with the first button belongs to the tool, not to the camera. */
  readonly drags: boolean;
  down(pointer: Pointer): void;
  move(pointer: Pointer, pressed: boolean): void;
  up(pointer: Pointer): void;
  /** A press without movement. */
  click(pointer: Pointer): void;
  leave(): void;
}
