/** What the codes in captions mean, in words. */

import type { Field } from "../network/captions";

export const MOST_WORDS = 15;

export const LABELS: Readonly<Record<Field, string>> = {
  name: "Name",
  short: "Short",
  long: "Long",
  color: "Colour",
  material: "Material",
  shape: "Shape",
  relation: "Relation",
};

const FLAGS: Readonly<Record<string, (detail: string) => string>> = {
  never_visible: () => "no view of the object shows it",
  color_disagrees: (color) => `called ${color}, and hardly any of its pixels are`,
  twin_adjusted: () => "taken from its twin, with sides exchanged",
  twin_disagrees: () => "its twin is described otherwise",
  short_too_long: () => "the short text has too many words",
  variants: (fault) => `its shorter versions: ${plain(fault)}`,
  verify_no: (field) => `a second look denies the ${plain(field)}`,
};

const SOURCES: Readonly<Record<string, string>> = {
  template: "by the template",
  vlm: "by the model",
  reviewer: "by a reviewer",
  none: "by nobody",
  "": "by nobody",
};

const HARMLESS: readonly string[] = ["never_visible", "twin_adjusted"];

/** Whether a flag says how a caption came about, and not that it may be wrong. */
export function isHarmless(flag: string): boolean {
  return HARMLESS.includes(flag);
}

function plain(code: string): string {
  return code.replaceAll("_", " ");
}

/** A flag such as `color_disagrees:red`; one that is not known keeps its code, spelt out. */
export function flagWords(flag: string): string {
  const [code, ...rest] = flag.split(":");
  const detail = rest.join(":");
  const words = Object.hasOwn(FLAGS, code ?? "") ? FLAGS[code as string] : undefined;
  return words ? words(detail) : plain(flag).replaceAll(":", ": ");
}

/** Who wrote a caption. */
export function sourceWords(source: string): string {
  return Object.hasOwn(SOURCES, source) ? (SOURCES[source] as string) : `from ${source}`;
}

/** How many words a text has. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

/** A text as it is saved: one line, without spaces around it. */
export function tidy(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
