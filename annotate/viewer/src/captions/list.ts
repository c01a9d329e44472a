/** The objects that have captions, those that need a look first. */

import {
  type CaptionPage,
  type CaptionRow,
  type CaptionedObject,
  captions,
} from "../network/captions";
import { h } from "../panels/dom";

const SHOW = [
  ["all", "all objects"],
  ["flagged", "flagged"],
  ["edited", "edited"],
] as const;
const PAUSE_MS = 250;

export class List {
  readonly element: HTMLElement;
  private readonly rows = h("ul", {});
  private readonly more = h("div", {});
  private readonly count = h("p", { class: "quiet", role: "status" });
  private readonly problem = h("p", { class: "problem", role: "alert" });
  private readonly links = new Map<string, { row: CaptionRow; link: HTMLAnchorElement }>();
  private readonly show = h(
    "select",
    {
      "aria-label": "Show",
      change: () => {
        void this.start();
      },
    },
    ...SHOW.map(([value, text]) => h("option", { value }, text)),
  );
  private readonly word = h("input", {
    type: "search",
    "aria-label": "Name or uid contains",
    placeholder: "name or uid",
    input: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.start(), PAUSE_MS);
    },
  });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private loads = 0;
  private current = "";

  constructor() {
    this.element = h(
      "nav",
      { class: "objects", "aria-label": "Objects" },
      h("div", { class: "row" }, this.show, this.word),
      this.count,
      this.problem,
      this.rows,
      this.more,
    );
  }

  /** Loads the first page; resolves when it is there. */
  async start(): Promise<void> {
    await this.load("");
  }

  /** Marks the object that is shown. */
  mark(uid: string): void {
    this.current = uid;
    for (const [other, { link }] of this.links) {
      if (other === uid) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** The object below `uid` in the list, the first one if it is not there. */
  after(uid: string): string | undefined {
    const uids = [...this.links.keys()];
    return uids[uids.indexOf(uid) + 1];
  }

  /** Counts anew what is flagged and edited of an object, which keeps its place. */
  update(object: CaptionedObject): void {
    const known = this.links.get(object.uid);
    const whole = object.captions[0];
    if (!known || !whole) return;
    known.row = {
      ...known.row,
      name: whole.texts.name,
      flagged: object.captions.filter(({ doubtful }) => doubtful).length,
      edited: object.captions.filter(({ edits }) => Object.keys(edits).length > 0).length,
    };
    describe(known.link, known.row);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Loads a page; only the load that was begun last may draw. */
  private async load(after: string): Promise<void> {
    const mine = (this.loads += 1);
    try {
      const page = await captions.list(this.show.value, this.word.value.slice(0, 200), after);
      if (mine === this.loads) this.draw(page, after === "");
    } catch (error) {
      this.problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  private draw(page: CaptionPage, fresh: boolean): void {
    if (fresh) {
      this.links.clear();
      this.rows.replaceChildren();
    }
    this.problem.textContent = "";
    this.count.textContent = page.total === 1 ? "1 object" : `${page.total} objects`;
    for (const row of page.objects) {
      if (this.links.has(row.uid)) continue; // it moved down while the list was read
      const link = h("a", { href: `#/captions/${row.uid}` });
      describe(link, row);
      this.links.set(row.uid, { row, link });
      this.rows.append(h("li", {}, link));
    }
    this.mark(this.current);
    const { after } = page;
    const button = (): HTMLElement =>
      h("button", { type: "button", click: () => void this.load(after as string) }, "More");
    this.more.replaceChildren(...(after === null ? [] : [button()]));
  }
}

function describe(link: HTMLAnchorElement, row: CaptionRow): void {
  const notes = [
    row.problem ? "cannot be shown" : "",
    row.flagged > 0 ? `${row.flagged} flagged` : "",
    row.edited > 0 ? `${row.edited} edited` : "",
  ].filter(Boolean);
  link.title = row.problem || row.short;
  link.replaceChildren(
    h("span", { class: "name" }, row.name || row.uid),
    h("span", { class: row.flagged > 0 || row.problem ? "doubtful" : "quiet" }, notes.join(", ")),
    h("span", { class: "quiet uid" }, row.uid),
  );
}
