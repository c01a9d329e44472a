/** Operations as the server stores them; every label of a review follows from a list of these. */

import type { Runs } from "./runs";

export interface Stamp {
  /** UUID of the operation: the server applies one only once. */
  readonly id: string;
  /** Milliseconds since the epoch by the client's clock. */
  readonly at: number;
  /** What the reviewer used, such as `key`, `list`, `suggestion`, `brush`. */
  readonly tool: string;
}

export type Payload =
  | { readonly kind: "merge"; readonly groups: readonly number[] }
  | {
      readonly kind: "cleave";
      readonly group: number;
      readonly atoms: readonly (readonly number[])[];
    }
  | {
      readonly kind: "refine";
      readonly atom: number;
      readonly faces: Runs;
      readonly method: string;
      readonly apart?: boolean;
    }
  | { readonly kind: "level"; readonly count: number }
  | { readonly kind: "assign"; readonly atoms: readonly number[]; readonly group: number }
  | { readonly kind: "rename"; readonly group: number; readonly name: string }
  | { readonly kind: "drop"; readonly group: number; readonly dropped: boolean }
  | { readonly kind: "undo" }
  | { readonly kind: "redo" };

export type Kind = Payload["kind"];
export type Operation = Payload & Stamp;

/** A version-4 UUID; `crypto.randomUUID` exists only on secure pages, a team's server may be plain. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** The operation with a fresh id and the present time. */
export function stamped(payload: Payload, tool: string): Operation {
  return { ...payload, id: newId(), at: Date.now(), tool };
}
