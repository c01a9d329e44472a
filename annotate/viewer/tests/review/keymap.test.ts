import { describe, expect, it } from "vitest";

import { COMMANDS } from "../../src/review/commands";
import defaults from "../../src/review/keymap.json";
import { byChord, chordOf, label, merged } from "../../src/review/keymap";

const press = (code: string, modifiers: object = {}) =>
  chordOf({
    code,
    key: "",
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...modifiers,
  });

describe("the key map", () => {
  it("has a key for every command and a command for every key", () => {
    expect(Object.keys(defaults).sort()).toEqual(Object.keys(COMMANDS).sort());
    expect(Object.values(defaults).every((keys) => keys.length > 0)).toBe(true);
    expect(byChord(defaults).size).toBe(Object.values(defaults).flat().length);
  });

  it("gives nothing destructive to Backspace", () => {
    expect(byChord(defaults).has("Backspace")).toBe(false);
  });

  it("knows chords by place of the key, with Command as Ctrl", () => {
    expect(byChord(defaults).get(press("KeyZ", { ctrlKey: true }))).toBe("undo");
    expect(byChord(defaults).get(press("KeyZ", { metaKey: true, shiftKey: true }))).toBe("redo");
    expect(byChord(defaults).get(press("NumpadEnter"))).toBe("accept");
    expect(byChord(defaults).get(press("Minus", { key: "?" }))).toBe("help");
  });

  it("can be added to and emptied", () => {
    const keymap = byChord(merged({ merge: ["KeyM", "Space"], note: [] }));
    expect(keymap.get("Space")).toBe("merge");
    expect([...keymap.values()]).not.toContain("note");
  });

  it.each([
    [{ fly: ["KeyF"] }, "no command “fly”"],
    [{ merge: "KeyM" }, "must be a list"],
    [[], "JSON object"],
  ])("refuses %j", (changes, message) => {
    expect(() => merged(changes)).toThrow(message);
  });

  it("refuses two commands on one key", () => {
    expect(() => byChord(merged({ merge: ["KeyU"] }))).toThrow("U is given to");
  });

  it("names keys as they are printed", () => {
    expect(["KeyM", "Ctrl+KeyZ", "Shift+KeyU", "BracketLeft", "Shift+Slash"].map(label)).toEqual([
      "M",
      "Ctrl+Z",
      "⇧U",
      "[",
      "?",
    ]);
  });
});
