/** Keys of the page: fields and dialogs keep theirs, everything else goes to a command. */

import { isTyping } from "../panels/dom";
import type { Desk } from "./desk";
import { type CommandId, byChord, chordOf } from "./keymap";

/** Keys that a focused button or slider needs for itself. */
const WIDGET_KEYS = new Set(["Enter", "Space", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
/** Commands that a key held down repeats. */
const REPEATED = new Set<CommandId>([
  "left",
  "right",
  "up",
  "down",
  "nearer",
  "farther",
  "smaller",
  "larger",
  "undo",
  "redo",
  "finer",
  "coarser",
]);

function isWidget(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLButtonElement ||
    target instanceof HTMLInputElement ||
    target instanceof HTMLAnchorElement
  );
}

/** Listens until the returned function is called. */
export function listen(desk: Desk): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    // A key that answered a dialog still comes by here, when the dialog is gone.
    if (event.defaultPrevented) return;
    const chord = chordOf(event);
    if (isWidget(event.target) && WIDGET_KEYS.has(chord)) return;
    const command = byChord(desk.keymap).get(chord);
    if (!command) return;
    event.preventDefault();
    if (event.repeat && !REPEATED.has(command)) return;
    desk.run(command);
  };
  const onHide = (): void => {
    if (document.visibilityState !== "hidden") return;
    desk.session?.keepTime();
    void desk.session?.outbox.flush(true);
  };
  const onLine = (): void => {
    void desk.session?.outbox.flush();
  };
  const onLeave = (event: BeforeUnloadEvent): void => {
    if (desk.session?.view.board.pending) event.preventDefault();
  };
  window.addEventListener("keydown", onKey);
  window.addEventListener("online", onLine);
  window.addEventListener("beforeunload", onLeave);
  document.addEventListener("visibilitychange", onHide);
  return () => {
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("online", onLine);
    window.removeEventListener("beforeunload", onLeave);
    document.removeEventListener("visibilitychange", onHide);
  };
}
