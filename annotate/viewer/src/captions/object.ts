/** All captions of one object; changes go to the server one after another. */

import { Problem } from "../network/api";
import { type CaptionedObject, type Field, captions } from "../network/captions";
import { h } from "../panels/dom";
import { Card } from "./card";
import type { Drafts } from "./drafts";
import { wholePicture } from "./pictures";
import { tidy } from "./words";

const CHANGED =
  "This has changed since you saw it. Your text is kept: Enter saves it, Esc drops it.";
const NOW = (text: string): string =>
  `Somebody else made it “${text}”. Your text is kept: Enter saves it, Esc takes theirs.`;

export class ObjectView {
  readonly element = h("div", { class: "captions" });
  private readonly notes = h("div", { role: "status" });
  private cards: ReadonlyMap<string, Card> = new Map();
  /** Ends with the last change that was begun: each is made upon what the one before left. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private shown: CaptionedObject,
    private readonly drafts: Drafts,
    private readonly changed: (object: CaptionedObject) => void,
  ) {
    this.build();
  }

  private build(): void {
    const { uid, pictures, captions: all } = this.shown;
    const whole = pictures.map((picture) => wholePicture(picture, all));
    this.cards = new Map(
      all.map((caption) => [
        caption.target,
        new Card(caption, whole, {
          draft: (field, text) => {
            if (text === null) this.drafts.drop(uid, caption.target, field);
            else this.drafts.set(uid, caption.target, field, text);
          },
          save: (field, text) => {
            this.begin(caption.target, field, text);
          },
          withdraw: (field) => {
            this.begin(caption.target, field, null);
          },
        }),
      ]),
    );
    this.element.replaceChildren(
      this.notes,
      ...[...this.cards.values()].map(({ element }) => element),
    );
    this.refresh();
  }

  private refresh(): void {
    const { uid, closed, stale, pictures_problem: problem } = this.shown;
    const notes = [
      closed,
      problem,
      stale > 0 &&
        `${stale} captions were edited for earlier parts and hold no more; what was written goes ` +
          "with the next change, and stays in the audit trail.",
    ].filter((note): note is string => Boolean(note));
    this.notes.replaceChildren(...notes.map((note) => h("p", { class: "notice" }, note)));
    for (const caption of this.shown.captions) {
      const draft = (field: Field): string | undefined =>
        this.drafts.get(uid, caption.target, field);
      this.cards.get(caption.target)?.update(caption, draft, closed !== "");
    }
  }

  private take(object: CaptionedObject): void {
    const targets = (one: CaptionedObject): string =>
      JSON.stringify(one.captions.map(({ target, title, place }) => [target, title, place]));
    const same = targets(object) === targets(this.shown);
    this.shown = object;
    if (same) this.refresh();
    else this.build();
    this.changed(object);
  }

  /** Writes a text, or withdraws one (null), after what was begun before. */
  private begin(target: string, field: Field, text: string | null): void {
    this.turn = this.turn.then(() => this.send(target, field, text));
  }

  private async send(target: string, field: Field, text: string | null): Promise<void> {
    const { uid, version } = this.shown;
    const body = { version, target, field };
    try {
      const made =
        text === null
          ? await captions.withdraw(uid, body)
          : await captions.edit(uid, { ...body, text });
      this.settle(target, field, text);
      this.take(made);
    } catch (error) {
      if (error instanceof Problem && error.code === "conflict" && error.body["object"]) {
        this.meet(target, field, text, error.body["object"] as CaptionedObject);
      } else {
        const message = error instanceof Error ? error.message : String(error);
        this.cards.get(target)?.text(field)?.refuse(message);
      }
    }
  }

  /** Forgets what was typed, unless typing went on meanwhile. */
  private settle(target: string, field: Field, text: string | null): void {
    const typed = this.drafts.get(this.shown.uid, target, field);
    if (text === null || (typed !== undefined && tidy(typed) === text)) {
      this.drafts.drop(this.shown.uid, target, field);
    }
  }

  /** Shows what others made of it meanwhile, with what was typed here still to be saved. */
  private meet(target: string, field: Field, text: string | null, object: CaptionedObject): void {
    const textOf = (one: CaptionedObject): string | undefined =>
      one.captions.find((caption) => caption.target === target)?.texts[field];
    const [before, now] = [textOf(this.shown), textOf(object)];
    if (now === text) this.settle(target, field, text); // this very change, whose answer was lost
    this.take(object);
    if (now === text) return;
    const message = now === undefined || now === before ? CHANGED : NOW(now);
    this.cards.get(target)?.text(field)?.refuse(message);
  }
}
