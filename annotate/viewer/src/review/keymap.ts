/** Which keys call which command: a JSON object that the reviewer may change. */

import defaults from "./keymap.json";

export type CommandId = keyof typeof defaults;
export type Keymap = Readonly<Record<CommandId, readonly string[]>>;

const STORED = "partworks-keymap";

/** `Ctrl+Shift+KeyZ`: modifiers in this order, then `KeyboardEvent.code`. Command is Ctrl. */
export function chordOf(event: {
  readonly code: string;
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}): string {
  // Many layouts have the question mark on another key.
  if (event.key === "?") return "Shift+Slash";
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey ? "Shift" : "",
    event.code === "NumpadEnter" ? "Enter" : event.code,
  ];
  return parts.filter((part) => part !== "").join("+");
}

/** What a person reads on a key: `Ctrl+Z`, `⇧U`, `↵`. */
export function label(chord: string): string {
  const signs: Readonly<Record<string, string>> = {
    BracketLeft: "[",
    BracketRight: "]",
    Slash: "/",
    Period: ".",
    Comma: ",",
    Equal: "+",
    Minus: "−",
    Escape: "Esc",
    Enter: "↵",
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Shift: "⇧",
  };
  if (chord === "Shift+Slash") return "?";
  return chord
    .split("+")
    .map((part) => signs[part] ?? part.replace(/^(Key|Digit)/, ""))
    .join("+")
    .replace("⇧+", "⇧");
}

/** The default map with changes; commands may be given other keys, more keys or none. */
export function merged(changes: unknown): Keymap {
  if (typeof changes !== "object" || changes === null || Array.isArray(changes)) {
    throw new Error("A key map is a JSON object: command to a list of keys.");
  }
  for (const [command, keys] of Object.entries(changes)) {
    if (!(command in defaults)) {
      throw new Error(
        `There is no command “${command}”; there are ${Object.keys(defaults).join(", ")}.`,
      );
    }
    if (!Array.isArray(keys) || keys.some((key) => typeof key !== "string")) {
      throw new Error(`The keys of “${command}” must be a list such as ["KeyM"].`);
    }
  }
  return { ...defaults, ...(changes as Partial<Keymap>) };
}

/** The command of each chord. Throws if two commands want one. */
export function byChord(keymap: Keymap): Map<string, CommandId> {
  const found = new Map<string, CommandId>();
  for (const [command, chords] of Object.entries(keymap) as [CommandId, readonly string[]][]) {
    for (const chord of chords) {
      const other = found.get(chord);
      if (other) throw new Error(`${label(chord)} is given to “${other}” and to “${command}”.`);
      found.set(chord, command);
    }
  }
  return found;
}

/** The reviewer's map; the default one if what is stored cannot be used. */
export function stored(): Keymap {
  try {
    const keymap = merged(JSON.parse(localStorage.getItem(STORED) ?? "{}"));
    byChord(keymap);
    return keymap;
  } catch {
    return defaults;
  }
}

/** Checks and keeps changes as JSON text; empty text goes back to the defaults. */
export function store(text: string): void {
  const changes: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
  byChord(merged(changes));
  localStorage.setItem(STORED, JSON.stringify(changes));
}

/** The stored changes as text. */
export function changes(): string {
  return localStorage.getItem(STORED) ?? "{}";
}
