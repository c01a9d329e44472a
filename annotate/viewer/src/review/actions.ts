/** What each command does at the desk. */

import type { Desk } from "./desk";
import type { Edits } from "./edits";
import type { CommandId } from "./keymap";
import type { Modes } from "./modes";
import type { Session } from "./session";

const TURN = Math.PI / 18;
const EXPLODED = 0.8;

interface Context {
  readonly desk: Desk;
  readonly session: Session;
  readonly edits: Edits;
  readonly modes: Modes;
}

type Action = (context: Context) => string | null | void;

const ACTIONS: Readonly<Record<Exclude<CommandId, "help">, Action>> = {
  accept,
  reject: ({ desk }) => void desk.verdicts.reject(),
  skip: ({ desk }) => void desk.verdicts.release("skip"),
  later: ({ desk }) => void desk.verdicts.release("later"),
  note: ({ desk }) => void desk.verdicts.note(),
  merge: ({ session, edits }) => edits.merge(session.view.selection.groups, "key"),
  rename: ({ desk, session }) => {
    const group = session.view.selection.last;
    if (group === null) return "Choose the part to name.";
    desk.page.list.edit(group);
    return null;
  },
  drop: ({ session, edits }) => edits.drop(session.view.selection.groups),
  suggest: ({ edits }) => edits.nextSuggestion(),
  take1: ({ edits }) => edits.takeListed(0),
  take2: ({ edits }) => edits.takeListed(1),
  take3: ({ edits }) => edits.takeListed(2),
  take4: ({ edits }) => edits.takeListed(3),
  take5: ({ edits }) => edits.takeListed(4),
  finer: ({ edits }) => edits.setLevel(edits.level + 1),
  coarser: ({ edits }) => edits.setLevel(edits.level - 1),
  cleave: ({ edits }) => edits.cleave(),
  components: ({ edits }) => edits.components(),
  seeds: ({ modes }) => {
    modes.use("seeds");
  },
  brush: ({ modes }) => {
    modes.use("brush");
  },
  lasso: ({ modes }) => {
    modes.use("lasso");
  },
  plane: ({ modes }) => {
    modes.use("plane");
  },
  tree: ({ desk, session }) => {
    const group = session.view.selection.last;
    if (group === null) return "Choose the part to split.";
    const none = "The part is a single segment; use brush, lasso, plane or two points.";
    return void desk.compute({ tool: "tree", group, count: 2 }, none);
  },
  mirror: ({ desk }) => {
    return void desk.compute({ tool: "mirror" }, "Nothing on the other side answers to it.");
  },
  select: ({ modes }) => {
    modes.use("select");
  },
  through: ({ modes }) => {
    modes.toggleThrough();
  },
  smaller: ({ modes }) => {
    modes.brush.resize(1 / 1.25);
  },
  larger: ({ modes }) => {
    modes.brush.resize(1.25);
  },
  cancel,
  undo: ({ session, edits }) => {
    // What is half drawn goes first: undo must not reach behind it.
    if (!session.view.board.pending) return edits.undo();
    session.view.board.clear();
    return "The painted faces are wiped.";
  },
  redo: ({ edits }) => edits.redo(),
  look: ({ desk }) => void desk.looks.cycleShare(),
  explode: ({ desk, session }) => {
    desk.looks.setExplode(session.view, desk.looks.explode > 0 ? 0 : EXPLODED);
  },
  xray: ({ desk }) => {
    desk.looks.toggleXray();
  },
  isolate: ({ session }) => {
    session.view.selection.isolate(session.view.parts.all.keys());
  },
  hide: ({ session }) => {
    session.view.selection.hide(session.view.selection.groups);
  },
  show: ({ session }) => {
    session.view.selection.showAll();
  },
  second: ({ desk }) => {
    desk.looks.cycleSecond();
  },
  borders: ({ desk }) => {
    desk.looks.toggleBorders();
  },
  recolour: ({ session }) => {
    session.view.recolour();
  },
  frame,
  left: ({ desk }) => {
    desk.stage.turn(-TURN, 0);
  },
  right: ({ desk }) => {
    desk.stage.turn(TURN, 0);
  },
  up: ({ desk }) => {
    desk.stage.turn(0, -TURN);
  },
  down: ({ desk }) => {
    desk.stage.turn(0, TURN);
  },
  nearer: ({ desk }) => {
    desk.stage.zoom(1 / 1.2);
  },
  farther: ({ desk }) => {
    desk.stage.zoom(1.2);
  },
};

/** Enter means the nearest thing: a painted split, a suggestion, and only then the object. */
function accept({ desk, session, edits }: Context): string | null {
  if (session.view.board.pending) {
    desk.verdicts.guard();
    session.view.board.confirm();
    return null;
  }
  if (edits.suggestions.current) {
    desk.verdicts.guard();
    return edits.takeSuggestion();
  }
  void desk.verdicts.accept();
  return null;
}

function cancel({ session, edits, modes }: Context): void {
  if (session.view.board.pending) {
    session.view.board.clear();
  } else if (edits.suggestions.current) {
    edits.stopLooking();
  } else if (modes.current.name !== "select") {
    modes.use("select");
  } else {
    session.view.selection.set([]);
  }
}

function frame({ desk, session }: Context): void {
  const { view } = session;
  const chosen = view.selection.groups;
  const points: number[] = [];
  const { positions } = view;
  for (let face = 0; 9 * face < positions.length; face += 1) {
    const group = view.document.groupOfFace(face);
    if (chosen.length > 0 ? !chosen.includes(group) : view.selection.isHidden(group)) continue;
    for (let slot = 9 * face; slot < 9 * face + 9; slot += 1)
      points.push(positions[slot] as number);
  }
  desk.stage.frame(Float32Array.from(points));
}

/** Runs a command on the object on the desk, if there is one, and tells what it says. */
export function runCommand(desk: Desk, command: Exclude<CommandId, "help">): void {
  const { session, edits, modes } = desk;
  if (!session || !edits || !modes) return;
  desk.tellMaybe(ACTIONS[command]({ desk, session, edits, modes }) ?? null);
  desk.update();
}
