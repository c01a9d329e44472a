/** One object under review: operations, the state they make, and who wants to know. */

import { check } from "../domain/checks";
import { OperationError } from "../domain/errors";
import { fold, gestureLength, step } from "../domain/fold";
import { writeLabels } from "../domain/labels";
import { type Operation, type Payload, newId } from "../domain/operations";
import { type Base, type State, groupsOf } from "../domain/state";
import { stateHash } from "../domain/hash";

export type Listener = (change: { readonly labels: boolean }) => void;

export class ReviewDocument {
  /** What is shown: the state, or a preview of one. */
  shown: State;
  /** (F) atoms of `shown`. */
  readonly atomOfFace: Uint16Array | Uint32Array;
  private readonly listeners: Listener[] = [];
  private state: State;

  constructor(
    readonly base: Base,
    operations: readonly Operation[],
    private readonly send: (operation: Operation) => void,
  ) {
    this.state = fold(base, operations);
    this.shown = this.state;
    this.atomOfFace = writeLabels(base, this.state, base.atomOfFace.slice());
  }

  get current(): State {
    return this.state;
  }

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Applies and sends payloads as one gesture, which one undo takes back. */
  commit(payloads: readonly Payload[], tool: string): void {
    const at = Date.now();
    let state = this.state;
    const operations = payloads.map((payload): Operation => ({
      ...payload,
      id: newId(),
      at,
      tool,
    }));
    const labels = this.base.atomOfFace.slice();
    for (const operation of operations) {
      check(this.base, state, writeLabels(this.base, state, labels), operation);
      state = step(this.base, state, operation);
    }
    this.replace(state);
    operations.forEach(this.send);
  }

  /** Takes back the last gesture; null when there is none, else its kind. */
  undo(): string | null {
    const last = this.state.done.at(-1);
    if (!last) return null;
    const count = gestureLength(this.state.done);
    this.commit(
      Array.from({ length: count }, () => ({ kind: "undo" })),
      "key",
    );
    return last.kind;
  }

  redo(): string | null {
    const last = this.state.undone.at(-1);
    if (!last) return null;
    const count = gestureLength(this.state.undone);
    this.commit(
      Array.from({ length: count }, () => ({ kind: "redo" })),
      "key",
    );
    return last.kind;
  }

  /** Shows what payloads would do, without doing it; null ends the preview. */
  preview(payloads: readonly Payload[] | null): void {
    let state = this.state;
    for (const payload of payloads ?? []) {
      state = step(this.base, state, { ...payload, id: "preview", at: 0, tool: "preview" });
    }
    this.display(state);
  }

  /** Shows what another list of operations makes of the object; null goes back to our own. */
  showOther(operations: readonly Operation[] | null): void {
    this.display(operations ? fold(this.base, operations) : this.state);
  }

  /** (F) group of each face by a list of operations, -1 where dropped. */
  groupsBy(operations: readonly Operation[]): Int32Array {
    const state = fold(this.base, operations);
    const atoms = writeLabels(this.base, state, this.base.atomOfFace.slice());
    return Int32Array.from(atoms, (atom) => {
      const group = state.groupOfAtom[atom] as number;
      return state.dropped.has(group) ? -1 : group;
    });
  }

  /** Starts again from another list, after a conflict. Returns those of `extra` that still fit. */
  rebase(operations: readonly Operation[], extra: readonly Operation[]): Operation[] {
    let state = fold(this.base, operations);
    const labels = this.base.atomOfFace.slice();
    const fitting: Operation[] = [];
    for (const operation of extra) {
      try {
        check(this.base, state, writeLabels(this.base, state, labels), operation);
        state = step(this.base, state, operation);
        fitting.push(operation);
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
      }
    }
    this.replace(state);
    return fitting;
  }

  hash(): string {
    this.preview(null);
    return stateHash(this.state, this.atomOfFace);
  }

  /** Atoms by group of what is shown. */
  groups(): Map<number, number[]> {
    return groupsOf(this.shown);
  }

  groupOfFace(face: number): number {
    return this.shown.groupOfAtom[this.atomOfFace[face] as number] as number;
  }

  private replace(state: State): void {
    this.state = state;
    this.display(state);
  }

  private display(state: State): void {
    const labels = state.refinements !== this.shown.refinements;
    this.shown = state;
    if (labels) writeLabels(this.base, state, this.atomOfFace);
    for (const listener of this.listeners) listener({ labels });
  }
}
