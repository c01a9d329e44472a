/** The map of keys, and a field to change it. */

import { COMMANDS, type Command } from "../review/commands";
import { type CommandId, type Keymap, changes, label, store } from "../review/keymap";
import { answer, ask, h } from "./dom";

function keys(chords: readonly string[]): HTMLElement {
  if (chords.length === 0) return h("span", { class: "quiet" }, "none");
  return h("span", {}, ...chords.flatMap((chord) => [h("kbd", {}, label(chord)), " "]));
}

function table(keymap: Keymap): HTMLElement {
  const sections = new Map<string, [CommandId, Command][]>();
  for (const entry of Object.entries(COMMANDS) as [CommandId, Command][]) {
    const list = sections.get(entry[1].section) ?? [];
    sections.set(entry[1].section, [...list, entry]);
  }
  return h(
    "div",
    { class: "keys" },
    ...[...sections].map(([section, entries]) =>
      h(
        "section",
        {},
        h("h3", {}, section),
        h(
          "dl",
          {},
          ...entries.flatMap(([id, command]) => [
            h("dt", {}, keys(keymap[id])),
            h("dd", { title: id }, command.title),
          ]),
        ),
      ),
    ),
  );
}

/** Shows the keys; resolves true when the map was changed. */
export async function showHelp(keymap: Keymap): Promise<boolean> {
  const field = h("textarea", { rows: 4, spellcheck: "false", "aria-label": "Changes as JSON" });
  field.value = changes();
  const problem = h("p", { class: "problem", role: "alert" });
  let changed = false;
  const save = (): void => {
    try {
      store(field.value);
      changed = true;
      answer(dialog, "saved");
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const dialog = h(
    "dialog",
    { class: "wide", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"),
    table(keymap),
    h(
      "details",
      {},
      h("summary", {}, "Change keys"),
      h(
        "p",
        { class: "quiet" },
        'A JSON object, such as {"merge": ["KeyM", "Space"], "note": []}.',
      ),
      field,
      problem,
      h("button", { type: "button", click: save }, "Use these keys"),
    ),
    h("form", { method: "dialog", class: "row end" }, h("button", { autofocus: true }, "Close")),
  );
  await ask(dialog);
  return changed;
}
