/** Suggested merges: which are listed, and which of them is being looked at. */

import type { State } from "../domain/state";
import type { Suggestion } from "../network/contract";

/** As many are in sight, each a key away. */
export const LISTED = 5;

/** As long as it takes to see that a list is another one. */
const READING_MS = 400;

/** A suggestion with its groups as they are called now. */
export interface Offer extends Suggestion {
  /** As the server made it. */
  readonly made: Suggestion;
}

/**
 * The suggestions that still join several groups, in the order given, each merge once.
 *
 * Groups are followed through later merges by the atom that named them.
 *
 * @param chosen groups of which an offer must hold one; all are offered if there are none.
 */
export function offers(
  list: readonly Suggestion[],
  groupOfAtom: ArrayLike<number>,
  chosen: readonly number[],
): Offer[] {
  const found = new Map<string, Offer>();
  for (const made of list) {
    const groups = [...new Set(made.groups.map((group) => groupOfAtom[group]))];
    if (groups.length < 2 || !groups.every((group) => group !== undefined)) continue;
    if (chosen.length > 0 && !groups.some((group) => chosen.includes(group))) continue;
    const offer = { ...made, groups, made };
    if (!found.has(keyOf(offer))) found.set(keyOf(offer), offer);
  }
  return [...found.values()];
}

/** What tells one merge from another. */
function keyOf({ groups }: Suggestion): string {
  return [...groups].sort((a, b) => a - b).join();
}

/** The part of a list that is in sight: its start, or up to what is looked at (-1: nothing). */
export function inSight<T>(list: readonly T[], looked: number): readonly T[] {
  const start = Math.max(0, looked + 1 - LISTED);
  return list.slice(start, start + LISTED);
}

export class Suggestions {
  private looked: Suggestion | null = null;
  private state: State | null = null;
  private chosen: readonly number[] = [];
  private offered: readonly Offer[] = [];
  private changedAt = -Infinity;

  constructor(private list: readonly Suggestion[]) {}

  /** Follows a new state or choice; a look ends when its suggestion is not offered any more. */
  follow(state: State, chosen: readonly number[] = []): void {
    this.state = state;
    this.chosen = chosen;
    this.offered = offers(this.list, state.groupOfAtom, chosen);
    if (!this.current) this.looked = null;
  }

  /**
   * Takes a new ranking from the server. What is being looked at stays: a key that was to take it
   * must not mean something else.
   *
   * @param now milliseconds of `performance.now()`.
   */
  replace(list: readonly Suggestion[], now = 0): void {
    const shown = this.listed.map(keyOf).join(";");
    const { current } = this;
    const again = current && list.find((made) => keyOf(made) === keyOf(current));
    this.looked = again ?? current?.made ?? null;
    this.list = current && !again ? [current.made, ...list] : list;
    if (this.state) this.follow(this.state, this.chosen);
    if (this.listed.map(keyOf).join(";") !== shown) this.changedAt = now;
  }

  /** Whether what is in sight was exchanged so lately that nobody can have read it. */
  isUnread(now: number): boolean {
    return now - this.changedAt < READING_MS;
  }

  /** The one being looked at. */
  get current(): Offer | null {
    return this.offered[this.place] ?? null;
  }

  /** Those in sight. */
  get listed(): readonly Offer[] {
    return inSight(this.offered, this.place);
  }

  /** How many are offered. */
  get left(): number {
    return this.offered.length;
  }

  /** Whether only those that hold a chosen group are offered. */
  get narrowed(): boolean {
    return this.chosen.length > 0;
  }

  /** Goes on to the next one, around the end; null when there is none. */
  next(): Offer | null {
    const found = this.offered[(this.place + 1) % Math.max(this.offered.length, 1)] ?? null;
    this.looked = found?.made ?? null;
    return found;
  }

  stop(): void {
    this.looked = null;
  }

  private get place(): number {
    return this.looked ? this.offered.findIndex(({ made }) => made === this.looked) : -1;
  }
}
