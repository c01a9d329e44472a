/** Building pages without markup in strings: names and notes of users only ever become text. */

type Child = Node | string | null | false;
type Value = string | number | boolean | ((event: never) => void);

const SVG = "http://www.w3.org/2000/svg";

function fill(
  node: Element,
  attributes: Readonly<Record<string, Value>>,
  children: readonly Child[],
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      node.addEventListener(name, value as unknown as EventListener);
    } else if (typeof value === "boolean") {
      node.toggleAttribute(name, value);
    } else {
      node.setAttribute(name, String(value));
    }
  }
  for (const child of children) if (child !== null && child !== false) node.append(child);
}

/** An HTML element; functions among the attributes are listeners, booleans are present or not. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

/** An SVG element. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): SVGElement {
  const node = document.createElementNS(SVG, tag) as SVGElement;
  fill(node, attributes, children);
  return node;
}

/** A square of a colour: SVG, since the security policy forbids style attributes. */
export function swatch(colour: readonly [number, number, number], size = 14): SVGElement {
  return svg(
    "svg",
    { width: size, height: size, viewBox: "0 0 14 14", class: "swatch", "aria-hidden": "true" },
    svg("rect", { width: 14, height: 14, rx: 3, fill: `rgb(${colour.join(",")})` }),
  );
}

/**
 * Shows a modal dialog until it is answered: by a button of its form, `answer`, or Escape ("").
 *
 * The dialog's own `close` event is not waited for: it may come after the next key was pressed.
 */
export function ask(dialog: HTMLDialogElement): Promise<string> {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const finish = (value: string): void => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter;
      finish(button instanceof HTMLButtonElement ? button.value : "");
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish("");
    });
    dialog.addEventListener(ANSWER, (event) => {
      finish((event as CustomEvent<string>).detail);
    });
  });
}

const ANSWER = "answer";

/** Answers a dialog that `ask` shows. */
export function answer(dialog: HTMLDialogElement, value: string): void {
  dialog.dispatchEvent(new CustomEvent(ANSWER, { detail: value }));
}

/** Whether keys belong to a field rather than to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["range", "checkbox", "radio"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
