/** Which parts are chosen, pointed at, hidden or shown alone. None of it is an operation. */

import type { State } from "../domain/state";

export class Selection {
  /** Groups in the order in which they were chosen. */
  private chosen: number[] = [];
  /** What the reviewer chose last, while the page shows something else as chosen. */
  private kept: number[] = [];
  private previewed: readonly number[] | null = null;
  private away = new Set<number>();
  hovered: number | null = null;
  private listeners: (() => void)[] = [];

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  get groups(): readonly number[] {
    return this.chosen;
  }

  /** Without what the page chose by itself: a suggestion looked at, the result of a merge. */
  get own(): readonly number[] {
    return this.kept;
  }

  get last(): number | null {
    return this.chosen.at(-1) ?? null;
  }

  has(group: number): boolean {
    return this.chosen.includes(group);
  }

  isHidden(group: number): boolean {
    return this.away.has(group);
  }

  get anyHidden(): boolean {
    return this.away.size > 0;
  }

  set(groups: readonly number[]): void {
    this.kept = [...new Set(groups)];
    this.show(this.kept);
  }

  /** Chooses for the reviewer, whose own choice is kept beside it. */
  show(groups: readonly number[]): void {
    this.chosen = [...new Set(groups)];
    this.tell();
  }

  /** Makes groups look chosen until null is previewed; the choice stays. */
  preview(groups: readonly number[] | null): void {
    if (groups === this.previewed) return;
    this.previewed = groups;
    this.tell();
  }

  /** Whether a group is drawn as chosen. */
  looksChosen(group: number): boolean {
    return (this.previewed ?? this.chosen).includes(group);
  }

  toggle(group: number): void {
    this.set(
      this.has(group) ? this.chosen.filter((other) => other !== group) : [...this.chosen, group],
    );
  }

  hover(group: number | null): void {
    if (group === this.hovered) return;
    this.hovered = group;
    this.tell();
  }

  hide(groups: Iterable<number>): void {
    this.away = new Set([...this.away, ...groups]);
    this.leaveHidden();
    this.tell();
  }

  /** Shows only the chosen groups; again, and all are back. */
  isolate(all: Iterable<number>): void {
    const others = [...all].filter((group) => !this.has(group));
    const already = others.every((group) => this.away.has(group));
    this.away = already || this.chosen.length === 0 ? new Set() : new Set(others);
    this.tell();
  }

  showAll(): void {
    this.away = new Set();
    this.tell();
  }

  /** Follows groups into a new state: by the atom that named them. */
  follow(state: State): void {
    const move = (group: number): number => state.groupOfAtom[group] ?? -1;
    this.chosen = [...new Set(this.chosen.map(move))].filter((group) => group >= 0);
    this.kept = [...new Set(this.kept.map(move))].filter((group) => group >= 0);
    this.away = new Set([...this.away].map(move).filter((group) => group >= 0));
    this.leaveHidden();
    this.previewed = null;
    this.hovered = this.hovered === null ? null : move(this.hovered);
    this.tell();
  }

  private leaveHidden(): void {
    this.chosen = this.chosen.filter((group) => !this.away.has(group));
    this.kept = this.kept.filter((group) => !this.away.has(group));
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
