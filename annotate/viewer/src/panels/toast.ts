/** Short messages at the foot of the page, read out by screen readers. */

import { h } from "./dom";

const STAY_MS = 5000;

export class Toasts {
  readonly element = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

  /** Shows a message for five seconds; `action` is a button that goes with it. */
  show(text: string, action?: { readonly label: string; run(): void }): void {
    const toast = h("div", { class: "toast" }, h("span", {}, text));
    const remove = (): void => {
      clearTimeout(timer);
      toast.remove();
    };
    if (action) {
      toast.append(
        h(
          "button",
          {
            type: "button",
            class: "link",
            click: () => {
              remove();
              action.run();
            },
          },
          action.label,
        ),
      );
    }
    const timer = setTimeout(remove, STAY_MS);
    this.element.replaceChildren(...[...this.element.children].slice(-2), toast);
  }
}
