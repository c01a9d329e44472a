/** What the server sends and takes, version 1 of its API. */

import type { Operation } from "../domain/operations";
import type { Runs } from "../domain/runs";
import type { Tree } from "../domain/tree";

export type Role = "reviewer" | "lead" | "admin";

export interface User {
  readonly name: string;
  readonly role: Role;
}

export interface Blob {
  readonly url: string;
}

export interface Reason {
  readonly key: string;
  readonly code: string;
  readonly text: string;
}

export interface Suggestion {
  readonly groups: readonly number[];
  readonly score: number;
  readonly why: string;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly groups?: readonly number[];
}

/** One of the opinions that an arbiter has to weigh. */
export interface Opinion {
  readonly id: number;
  readonly label: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly note: string;
  readonly operations: readonly Operation[];
}

export interface Task {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly why: string;
  readonly epoch: number;
  readonly lease_until: string;
  readonly version: number;
  readonly mesh: Blob & { readonly faces: number; readonly geometry_hash: string };
  readonly atoms: Blob;
  readonly tree: Tree;
  readonly operations: readonly Operation[];
  readonly suggestions: readonly Suggestion[];
  readonly warnings: readonly Warning[];
  readonly next: { readonly mesh: string; readonly atoms?: string } | null;
  readonly reasons: readonly Reason[];
  readonly blind: boolean;
  readonly opinions?: readonly Opinion[];
}

export type Claim = { readonly task: Task } | { readonly task: null; readonly why: string };

export interface Saved {
  readonly version: number;
  readonly state_hash: string;
}

/** Extra members of a `conflict` problem. */
export interface Conflict {
  readonly version: number;
  readonly operations: readonly Operation[];
}

export type Verdict = "accept" | "reject" | "needs-better-atoms" | "cannot-decide";

export interface Submission {
  readonly epoch: number;
  readonly version: number;
  readonly state_hash: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly note?: string;
  readonly active_ms: number;
  /** The opinion that an arbiter lets stand. */
  readonly picked_id?: number;
}

/** A split to be shown before it is made. */
export interface PreviewRequest {
  readonly tool: string;
  readonly version: number;
  readonly group?: number;
  readonly seeds?: readonly (readonly number[])[];
  /** Pieces that `tree` is to make. */
  readonly count?: number;
}

export interface Preview {
  /** Faces that would leave, where atoms are cut. */
  readonly faces?: Runs;
  /** Whole atoms that would leave, a list for each new group. */
  readonly atoms?: readonly (readonly number[])[];
  /** The whole edit, ready to be made. */
  readonly operations?: readonly Operation[];
}
