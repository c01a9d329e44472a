import { expect, test } from "vitest";

import { Drafts } from "../../src/captions/drafts";

test("drafts are kept by object, caption and field until they are dropped", () => {
  const drafts = new Drafts();
  drafts.set("a", "0", "name", "x");
  drafts.set("a", "0", "color", "");
  drafts.set("b", "0", "name", "y");
  expect([drafts.get("a", "0", "name"), drafts.get("a", "0", "color")]).toEqual(["x", ""]);
  expect(drafts.get("a", "1", "name")).toBeUndefined();
  drafts.drop("a", "0", "name");
  expect([drafts.get("a", "0", "name"), drafts.get("b", "0", "name")]).toEqual([undefined, "y"]);
  expect(drafts.size).toBe(2);
});
