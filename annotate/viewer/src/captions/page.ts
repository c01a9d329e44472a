/** The page of captions: objects at the left, the texts and pictures of one beside them. */

import { type CaptionedObject, captions } from "../network/captions";
import type { User } from "../network/contract";
import { h } from "../panels/dom";
import { Drafts } from "./drafts";
import { List } from "./list";
import { ObjectView } from "./object";

const START = "#/captions";

/** Whether an address asks for this page. */
export function isCaptions(hash: string): boolean {
  return hash === START || hash.startsWith(`${START}/`);
}

export class CaptionsPage {
  private readonly drafts = new Drafts();
  private readonly list = new List();
  private readonly main = h("main", { tabindex: -1 });
  private readonly warn = (event: BeforeUnloadEvent): void => {
    if (this.drafts.size > 0) event.preventDefault();
  };
  private loads = 0;

  constructor(root: HTMLElement, user: User) {
    document.title = "Captions – Partworks review";
    root.replaceChildren(
      h(
        "div",
        { class: "captioning" },
        h(
          "header",
          {},
          h("h1", {}, "Captions"),
          h("a", { href: "#/" }, "Review"),
          user.role !== "reviewer" && h("a", { href: "#/lead" }, "Overview"),
          h("span", { class: "quiet" }, user.name),
        ),
        this.list.element,
        this.main,
      ),
    );
    window.addEventListener("beforeunload", this.warn);
    void this.list.start().then(() => {
      if (this.chosen === "") this.rest();
    });
    void this.follow();
  }

  /** Shows the object that the address names. */
  async follow(): Promise<void> {
    const uid = this.chosen;
    this.list.mark(uid);
    const mine = (this.loads += 1);
    if (uid === "") {
      this.rest();
      return;
    }
    try {
      const object = await captions.object(uid);
      if (mine === this.loads) this.draw(object);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const problem = h("p", { class: "problem", role: "alert" }, text);
      if (mine === this.loads) this.main.replaceChildren(problem);
    }
  }

  leave(): void {
    this.list.stop();
    window.removeEventListener("beforeunload", this.warn);
  }

  private get chosen(): string {
    return location.hash.slice(START.length + 1);
  }

  private rest(): void {
    const first = this.list.after("");
    this.main.replaceChildren(
      first === undefined
        ? h("p", { class: "quiet" }, "Nothing to show yet.")
        : h("a", { href: `#/captions/${first}` }, "Begin with the first"),
    );
  }

  private draw(object: CaptionedObject): void {
    const { uid, captioner, model } = object;
    const view = new ObjectView(object, this.drafts, (changed) => {
      this.list.update(changed);
    });
    const by = model ? `${captioner}, ${model}` : captioner;
    this.main.replaceChildren(
      h("p", { class: "quiet" }, `${uid} · captions by ${by}`),
      view.element,
      h(
        "button",
        {
          type: "button",
          click: () => {
            const next = this.list.after(uid);
            location.hash = next === undefined ? START : `${START}/${next}`;
          },
        },
        "Next object",
      ),
    );
    this.main.scrollTo(0, 0);
  }
}
