/** Questions before an object leaves: reasons of a rejection, warnings before it is accepted. */

import type { Reason, Warning } from "../network/contract";
import { answer, ask, h } from "./dom";

/** The reason chosen, with a note; null when cancelled. Keys 1–9 choose. */
export async function askReason(
  title: string,
  reasons: readonly Reason[],
  draft: string,
): Promise<{ code: string; note: string } | null> {
  const note = h("textarea", { rows: 2, placeholder: "Note (for “other” it is needed)" });
  note.value = draft;
  const problem = h("p", { class: "problem", role: "alert" });
  const choose = (reason: Reason): void => {
    if (reason.code === "other" && note.value.trim() === "") {
      problem.textContent = "Say in the note what is wrong.";
      note.focus();
      return;
    }
    answer(dialog, reason.code);
  };
  const dialog = h(
    "dialog",
    { "aria-labelledby": "reason-title" },
    h("h2", { id: "reason-title" }, title),
    h(
      "div",
      { class: "reasons" },
      ...reasons.map((reason) =>
        h(
          "button",
          {
            type: "button",
            "data-reason": reason.code,
            click: () => {
              choose(reason);
            },
          },
          h("kbd", {}, reason.key),
          h("span", {}, reason.text),
        ),
      ),
    ),
    note,
    problem,
    h("form", { method: "dialog", class: "row end" }, h("button", { value: "" }, "Cancel")),
  );
  dialog.addEventListener("keydown", (event) => {
    if (event.target === note) return;
    const reason = reasons.find(({ key }) => key === event.key);
    if (!reason) return;
    event.preventDefault();
    choose(reason);
  });
  const code = await ask(dialog);
  return code === "" ? null : { code, note: note.value.trim() };
}

/** Shows warnings; true to accept in spite of them. `look` shows the parts of one. */
export async function askWarnings(
  warnings: readonly Warning[],
  look: (groups: readonly number[]) => void,
): Promise<boolean> {
  const dialog = h(
    "dialog",
    { "aria-labelledby": "warning-title" },
    h("h2", { id: "warning-title" }, "Before you accept"),
    h(
      "ul",
      { class: "warnings" },
      ...warnings.map((warning) =>
        h(
          "li",
          {},
          h("span", {}, warning.message),
          (warning.groups?.length ?? 0) > 0 &&
            h(
              "button",
              {
                type: "button",
                class: "link",
                click: () => {
                  answer(dialog, "");
                  look(warning.groups ?? []);
                },
              },
              "Show",
            ),
        ),
      ),
    ),
    h(
      "form",
      { method: "dialog", class: "row end" },
      h("button", { value: "" }, "Go back"),
      h("button", { value: "accept", class: "primary", autofocus: true }, "Accept anyway"),
    ),
  );
  return (await ask(dialog)) === "accept";
}

/** A question with named answers; the value of the one chosen, "" for none. */
export function askChoice(
  title: string,
  text: string,
  answers: readonly (readonly [value: string, label: string])[],
): Promise<string> {
  return ask(
    h(
      "dialog",
      { "aria-label": title },
      h("h2", {}, title),
      h("p", {}, text),
      h(
        "form",
        { method: "dialog", class: "row end" },
        ...answers.map(([value, label]) => h("button", { value }, label)),
      ),
    ),
  );
}

/** A line of text; null when cancelled. */
export async function askText(title: string, draft: string): Promise<string | null> {
  const field = h("textarea", { rows: 3, autofocus: true, "aria-label": title });
  field.value = draft;
  const chosen = await ask(
    h(
      "dialog",
      { "aria-label": title },
      h("h2", {}, title),
      field,
      h(
        "form",
        { method: "dialog", class: "row end" },
        h("button", { value: "" }, "Cancel"),
        h("button", { value: "keep", class: "primary" }, "Keep"),
      ),
    ),
  );
  return chosen === "keep" ? field.value : null;
}
