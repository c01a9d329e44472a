/** `window.app`: what tests ask the page, so that they can press real keys in the right places. */

import { Vector3 } from "three";

import type { Desk } from "./desk";

export interface Port {
  /** Whether an object is on the desk and clicks work. */
  readonly ready: boolean;
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly timings: Readonly<Record<string, number>> | null;
  /** What the graphics card holds for this page. */
  readonly memory: Readonly<Record<string, number>>;
  /** What a click at a pixel of the page would hit, and how long it took to find. */
  pickAt(x: number, y: number): { face: number; atom: number; group: number; ms: number } | null;
  /** A pixel of the page in the middle of what is seen of a group; null if none is seen. */
  pixelOf(group: number): { x: number; y: number } | null;
}

/** The port of a desk. */
export function port(desk: Desk): Port {
  return {
    get ready() {
      return (
        desk.session?.view.picker !== undefined &&
        desk.session?.view.picker !== null &&
        desk.edits !== null
      );
    },
    get state() {
      return stateOf(desk);
    },
    get timings() {
      return desk.session ? { ...desk.session.timings } : null;
    },
    get memory() {
      const { info } = desk.stage.renderer;
      return { ...info.memory, programs: info.programs?.length ?? 0 };
    },
    pickAt: (x, y) => pickAt(desk, x, y),
    pixelOf: (group) => pixelOf(desk, group),
  };
}

function stateOf(desk: Desk): Readonly<Record<string, unknown>> | null {
  const { session } = desk;
  if (!session) return null;
  const { view, task, outbox } = session;
  const { current } = view.document;
  return {
    task: task.id,
    version: current.version,
    groups: [...new Set(current.groupOfAtom)].sort((a, b) => a - b),
    atoms: current.groupOfAtom.length,
    names: Object.fromEntries(current.names),
    dropped: [...current.dropped],
    chosen: [...view.selection.groups],
    hovered: view.selection.hovered,
    pending: view.board.pending,
    tool: desk.modes?.current.name,
    suggestion: desk.edits?.suggestions.current?.groups ?? null,
    listed: desk.edits?.suggestions.listed.map(({ groups }) => groups) ?? [],
    marked: [...view.parts.all.keys()].filter((group) => view.selection.looksChosen(group)),
    adjacency: view.across !== null,
    unsent: outbox.unsent.length,
    saved: desk.saved,
    hash: view.document.hash(),
    frames: desk.stage.frames,
  };
}

function pickAt(desk: Desk, x: number, y: number) {
  const view = desk.session?.view;
  const point = desk.stage.toView(x, y);
  if (!view || !point) return null;
  const start = performance.now();
  const hit = view.hit(point);
  const ms = performance.now() - start;
  if (!hit) return null;
  const atom = view.document.atomOfFace[hit.face] as number;
  return { face: hit.face, atom, group: view.document.groupOfFace(hit.face), ms };
}

/** Of the faces that are seen, the one nearest to the middle of all of them. */
function pixelOf(desk: Desk, group: number): { x: number; y: number } | null {
  const view = desk.session?.view;
  if (!view?.picker) return null;
  const { picker } = view;
  const faces = view.positions.length / 9;
  const seen = desk.stage.visibleFaces(faces);
  const pixels: { x: number; y: number }[] = [];
  for (let face = 0; face < faces; face += 1) {
    if (seen[face] === 0 || view.document.groupOfFace(face) !== group) continue;
    const pixel = desk.stage.toClient(picker.centroid(face, new Vector3()));
    if (pickAt(desk, pixel.x, pixel.y)?.face === face) pixels.push({ x: pixel.x, y: pixel.y });
  }
  const mean = (axis: "x" | "y"): number =>
    pixels.reduce((sum, p) => sum + p[axis], 0) / pixels.length;
  const [x, y] = [mean("x"), mean("y")];
  pixels.sort((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y));
  return pixels[0] ?? null;
}
