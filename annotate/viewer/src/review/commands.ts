/** Everything a reviewer can do, by name: keys, buttons and the help page come from this table. */

import type { CommandId } from "./keymap";

export interface Command {
  readonly title: string;
  readonly section: "Object" | "Parts" | "Split" | "History" | "View" | "Camera";
}

export const COMMANDS: Readonly<Record<CommandId, Command>> = {
  accept: { title: "Confirm what is pending, else accept the object", section: "Object" },
  reject: { title: "Reject the object, then a reason 1–9", section: "Object" },
  skip: { title: "Skip: somebody else takes it", section: "Object" },
  later: { title: "Put back for later, with what is done", section: "Object" },
  note: { title: "Write a note", section: "Object" },
  merge: { title: "Merge the chosen parts", section: "Parts" },
  rename: { title: "Name the chosen part", section: "Parts" },
  drop: { title: "Drop the chosen parts, or take them back", section: "Parts" },
  suggest: { title: "Look at the next suggestion; Enter takes it", section: "Parts" },
  take1: { title: "Take the first suggestion listed", section: "Parts" },
  take2: { title: "Take the second suggestion listed", section: "Parts" },
  take3: { title: "Take the third suggestion listed", section: "Parts" },
  take4: { title: "Take the fourth suggestion listed", section: "Parts" },
  take5: { title: "Take the fifth suggestion listed", section: "Parts" },
  finer: { title: "One part more by the tree", section: "Parts" },
  coarser: { title: "One part less by the tree", section: "Parts" },
  cleave: { title: "Take the segment last clicked out of its part", section: "Split" },
  components: { title: "Separate pieces that do not touch", section: "Split" },
  seeds: { title: "Split between two points; again: along a crease, or half way", section: "Split" },
  brush: { title: "Brush a part", section: "Split" },
  lasso: { title: "Lasso a part", section: "Split" },
  plane: { title: "Cut a part along a line", section: "Split" },
  tree: { title: "Split the chosen part in two by the tree", section: "Split" },
  mirror: { title: "Do the last edit on the other side too", section: "Parts" },
  select: { title: "Back to the pointer", section: "Split" },
  through: { title: "Brush and lasso: what is seen, or through", section: "Split" },
  smaller: { title: "Smaller brush", section: "Split" },
  larger: { title: "Larger brush", section: "Split" },
  cancel: { title: "Cancel what is pending, back to the pointer", section: "Split" },
  undo: { title: "Undo", section: "History" },
  redo: { title: "Redo", section: "History" },
  look: { title: "Texture, both, segments", section: "View" },
  explode: { title: "Exploded view", section: "View" },
  xray: { title: "X-ray: see through what is not chosen", section: "View" },
  isolate: { title: "Only the chosen parts, and all again", section: "View" },
  hide: { title: "Hide the chosen parts", section: "View" },
  show: { title: "Show all parts", section: "View" },
  second: { title: "Second view: texture, from behind, off", section: "View" },
  borders: { title: "Lines between parts", section: "View" },
  recolour: { title: "Other colours", section: "View" },
  frame: { title: "Look at the chosen parts, or at all", section: "Camera" },
  left: { title: "Turn left", section: "Camera" },
  right: { title: "Turn right", section: "Camera" },
  up: { title: "Turn up", section: "Camera" },
  down: { title: "Turn down", section: "Camera" },
  nearer: { title: "Nearer", section: "Camera" },
  farther: { title: "Farther", section: "Camera" },
  help: { title: "Show the keys", section: "Object" },
};
