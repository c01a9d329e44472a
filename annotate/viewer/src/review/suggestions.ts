/** Stepping through suggested merges; those that no longer apply are passed over. */

import type { Suggestion } from "../network/contract";
import type { State } from "../domain/state";

export class Suggestions {
  private index = -1;
  private state: State | null = null;

  constructor(private list: readonly Suggestion[]) {}

  /** Groups are followed through later merges by the atom that named them. */
  private applies(suggestion: Suggestion, state: State): boolean {
    const groups = new Set(suggestion.groups.map((group) => state.groupOfAtom[group]));
    return groups.size > 1 && !groups.has(undefined);
  }

  /** Follows a new state; the one being looked at ends when it no longer applies. */
  follow(state: State): void {
    this.state = state;
    const current = this.list[this.index];
    if (current && !this.applies(current, state)) this.index = -1;
  }

  /** Takes a new ranking from the server. */
  replace(list: readonly Suggestion[]): void {
    this.list = list;
    this.index = -1;
  }

  /** The one being looked at, with its groups as they are called now. */
  get current(): Suggestion | null {
    const found = this.list[this.index];
    if (!found || !this.state) return null;
    const { groupOfAtom } = this.state;
    return {
      ...found,
      groups: [...new Set(found.groups.map((group) => groupOfAtom[group] as number))],
    };
  }

  get left(): number {
    const { state } = this;
    return state ? this.list.filter((suggestion) => this.applies(suggestion, state)).length : 0;
  }

  /** Goes on to the next that applies, around the end; null when there is none. */
  next(): Suggestion | null {
    for (let step = 1; step <= this.list.length; step += 1) {
      const index = (this.index + step) % this.list.length;
      const found = this.list[index];
      if (found && this.state && this.applies(found, this.state)) {
        this.index = index;
        return this.current;
      }
    }
    this.index = -1;
    return null;
  }

  stop(): void {
    this.index = -1;
  }
}
