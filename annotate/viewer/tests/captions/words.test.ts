import { describe, expect, test } from "vitest";

import { countWords, flagWords, sourceWords, tidy } from "../../src/captions/words";

describe("flags in words", () => {
  test("details are put where they belong", () => {
    expect(flagWords("color_disagrees:light blue")).toBe(
      "called light blue, and hardly any of its pixels are",
    );
    expect(flagWords("verify_no:material")).toBe("a second look denies the material");
    expect(flagWords("variants:detailed_too_long")).toBe("its shorter versions: detailed too long");
  });

  test("unknown codes are spelt out, also those that objects have by birth", () => {
    expect(flagWords("seems_odd:a:b")).toBe("seems odd: a: b");
    expect(flagWords("constructor")).toBe("constructor");
    expect(sourceWords("toString")).toBe("from toString");
  });
});

test("sources in words", () => {
  expect(["template", "partverse", "none"].map(sourceWords)).toEqual([
    "by the template",
    "from partverse",
    "by nobody",
  ]);
});

test("texts are one line, and words are counted as the server does", () => {
  expect(tidy("  a red\n\t chair ")).toBe("a red chair");
  expect([countWords(""), countWords("  "), countWords(" a  red\nchair")]).toEqual([0, 0, 3]);
});
