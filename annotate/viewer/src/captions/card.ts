/** The caption of the object or of one part: its pictures, its flags, its texts. */

import { type Caption, FIELDS, type Field } from "../network/captions";
import { h, swatch } from "../panels/dom";
import { colourOf, partPictures } from "./pictures";
import { Text, type TextEvents } from "./text";
import { flagWords, isHarmless, sourceWords } from "./words";

export class Card {
  readonly element: HTMLElement;
  private readonly source = h("span", { class: "quiet" });
  private readonly flags = h("ul", { class: "flags", "aria-label": "Flags" });
  private readonly texts: ReadonlyMap<Field, Text>;

  constructor(caption: Caption, pictures: readonly Node[], events: TextEvents) {
    const { target, title } = caption;
    const fields = FIELDS.filter((field) => target !== "whole" || field !== "relation");
    this.texts = new Map(fields.map((field) => [field, new Text(target, field, events)]));
    const isWhole = target === "whole";
    this.element = h(
      "section",
      { class: "caption", "aria-label": isWhole ? "The object" : `Part ${target}` },
      h(
        "div",
        { class: "row" },
        !isWhole && swatch(colourOf(target)),
        h("h2", {}, isWhole ? "The object" : `${target} · ${title}`),
        this.source,
      ),
      this.flags,
      h(
        "div",
        { class: "columns" },
        h("div", { class: "pictures" }, ...(isWhole ? pictures : partPictures(caption))),
        h("div", { class: "texts" }, ...[...this.texts.values()].map(({ element }) => element)),
      ),
    );
  }

  /** Shows what the server has, with what was typed over it. */
  update(caption: Caption, draft: (field: Field) => string | undefined, closed: boolean): void {
    const { confidence } = caption;
    const sure = confidence === null ? "" : `, ${Math.round(100 * confidence)} % sure`;
    const later = caption.was_edited ? "; withdrawn: the next run writes it anew" : "";
    this.source.textContent = `${sourceWords(caption.source)}${sure}${later}`;
    const note = (text: string, doubtful: boolean): Node =>
      h("li", { class: doubtful ? "doubtful" : "" }, text);
    this.flags.replaceChildren(
      ...(caption.unsure ? [note("the model says that it cannot tell", true)] : []),
      ...caption.flags.map((flag) => note(flagWords(flag), !isHarmless(flag))),
    );
    for (const [field, text] of this.texts) text.update(caption, draft(field), closed);
  }

  text(field: Field): Text | undefined {
    return this.texts.get(field);
  }
}
