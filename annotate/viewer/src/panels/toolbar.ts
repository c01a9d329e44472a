/** Buttons that show what they do and which key does it. */

import { COMMANDS } from "../review/commands";
import { type CommandId, type Keymap, label } from "../review/keymap";
import { h } from "./dom";

export type Run = (command: CommandId) => void;

/** A button of a command; `text` is shown, the title tells the rest. */
export function commandButton(
  id: CommandId,
  text: string,
  keymap: Keymap,
  run: Run,
  kind = "",
): HTMLButtonElement {
  const key = keymap[id][0];
  return h(
    "button",
    {
      type: "button",
      class: kind,
      "data-command": id,
      title: COMMANDS[id].title,
      click: () => {
        run(id);
      },
    },
    h("span", {}, text),
    key === undefined ? null : h("kbd", {}, label(key)),
  );
}

const TOOLS: readonly (readonly [CommandId, string])[] = [
  ["select", "Pointer"],
  ["merge", "Merge"],
  ["cleave", "Cleave"],
  ["components", "Pieces"],
  ["tree", "Halve"],
  ["seeds", "Split"],
  ["brush", "Brush"],
  ["lasso", "Lasso"],
  ["plane", "Plane"],
  ["through", "Through"],
  ["mirror", "Mirror"],
  ["drop", "Drop"],
  ["rename", "Name"],
  ["undo", "Undo"],
  ["redo", "Redo"],
];

/** The column of tools. */
export function toolbar(keymap: Keymap, run: Run): HTMLElement {
  return h(
    "nav",
    { class: "toolbar", "aria-label": "Tools" },
    ...TOOLS.map(([id, text]) => commandButton(id, text, keymap, run)),
  );
}

const VIEWS: readonly (readonly [CommandId, string])[] = [
  ["look", "Look"],
  ["explode", "Explode"],
  ["xray", "X-ray"],
  ["isolate", "Isolate"],
  ["hide", "Hide"],
  ["show", "All"],
  ["second", "Two"],
  ["borders", "Lines"],
  ["recolour", "Colours"],
  ["frame", "Frame"],
];

/** The row of views. */
export function viewbar(keymap: Keymap, run: Run): HTMLElement {
  return h(
    "nav",
    { class: "viewbar", "aria-label": "Views" },
    ...VIEWS.map(([id, text]) => commandButton(id, text, keymap, run)),
  );
}
