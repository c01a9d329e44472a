/** Captions as the server sends and takes them. */

import { api } from "./api";

export const FIELDS = ["name", "short", "long", "color", "material", "shape", "relation"] as const;
export type Field = (typeof FIELDS)[number];

export interface CaptionRow {
  readonly uid: string;
  readonly name: string;
  readonly short: string;
  readonly captioner: string;
  readonly parts: number;
  readonly flagged: number;
  readonly edited: number;
  readonly problem: string;
}

export interface CaptionPage {
  readonly objects: readonly CaptionRow[];
  readonly total: number;
  readonly after: string | null;
}

export interface Picture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** x0, y0, x1, y1 in pixels, ends exclusive. */
export type Box = readonly [number, number, number, number];

export interface Edit {
  readonly by: string;
  readonly at: string;
  readonly before: string;
}

/** The caption of `whole`, or of a part by its number. */
export interface Caption {
  readonly target: string;
  readonly title: string;
  readonly texts: Readonly<Record<Field, string>>;
  readonly source: string;
  readonly flags: readonly string[];
  readonly unsure: boolean;
  readonly doubtful: boolean;
  readonly confidence: number | null;
  readonly edits: Readonly<Partial<Record<Field, Edit>>>;
  readonly was_edited: boolean;
  readonly place: { readonly picture: Picture; readonly box: Box } | null;
  readonly alone: Picture | null;
}

export interface CaptionedObject {
  readonly uid: string;
  readonly version: string;
  readonly geometry_hash: string;
  readonly captioner: string;
  readonly model: string;
  /** Why no change is taken; empty if one is. */
  readonly closed: string;
  /** Texts of earlier parts, which hold no more. */
  readonly stale: number;
  readonly pictures: readonly Picture[];
  readonly pictures_problem: string;
  readonly captions: readonly Caption[];
}

/** Which text, upon which state. */
export interface Target {
  readonly version: string;
  readonly target: string;
  readonly field: Field;
}

export const captions = {
  list: (show: string, contains: string, after: string) => {
    const query = new URLSearchParams({ show, contains, after });
    return api.get<CaptionPage>(`captions?${query.toString()}`);
  },
  object: (uid: string) => api.get<CaptionedObject>(`captions/${encodeURIComponent(uid)}`),
  edit: (uid: string, body: Target & { readonly text: string }) =>
    api.post(`captions/${encodeURIComponent(uid)}/edit`, body) as Promise<CaptionedObject>,
  withdraw: (uid: string, body: Target) =>
    api.post(`captions/${encodeURIComponent(uid)}/withdraw`, body) as Promise<CaptionedObject>,
};
