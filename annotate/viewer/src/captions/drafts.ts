/** Texts that were typed and not saved: they outlive conflicts, and a look at another object. */

import type { Field } from "../network/captions";

export class Drafts {
  private readonly texts = new Map<string, string>();

  get(uid: string, target: string, field: Field): string | undefined {
    return this.texts.get(key(uid, target, field));
  }

  set(uid: string, target: string, field: Field, text: string): void {
    this.texts.set(key(uid, target, field), text);
  }

  drop(uid: string, target: string, field: Field): void {
    this.texts.delete(key(uid, target, field));
  }

  get size(): number {
    return this.texts.size;
  }
}

function key(uid: string, target: string, field: Field): string {
  return `${uid}/${target}/${field}`;
}
