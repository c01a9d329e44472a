/** From operations to a state, by the same rules as the server's fold; shared cases prove it. */

import { OperationError } from "./errors";
import type { Operation } from "./operations";
import { type Base, type Refinement, type State, groupsOf, segmentOf } from "./state";
import { countAt, cutTree } from "./tree";

const initialHistory = { version: 0, done: [], undone: [], ids: new Set<string>() } as const;

interface Labels {
  readonly groupOfAtom: readonly number[];
  readonly refinements: readonly Refinement[];
  readonly names: ReadonlyMap<number, string>;
  readonly dropped: ReadonlySet<number>;
}

/** The state before the first operation: the merge tree, cut where it is by default. */
export function initial(base: Base): State {
  const count = countAt(base.tree, base.tree.default_height);
  return {
    groupOfAtom: [...cutTree(base.tree, base.segments, count)],
    refinements: [],
    names: new Map(),
    dropped: new Set(),
    ...initialHistory,
  };
}

/** The state after all of `operations`; what was undone for good is not replayed. */
export function fold(base: Base, operations: readonly Operation[]): State {
  const done: Operation[] = [];
  let undone: Operation[] = [];
  for (const operation of operations) {
    if (operation.kind === "undo") {
      undone.push(popped(done, "undo"));
    } else if (operation.kind === "redo") {
      done.push(popped(undone, "redo"));
    } else {
      done.push(operation);
      undone = [];
    }
  }
  const ids = new Set(operations.map((operation) => operation.id));
  return { ...replay(base, done), version: operations.length, done, undone, ids };
}

function popped(stack: Operation[], kind: "undo" | "redo"): Operation {
  const last = stack.pop();
  if (!last) throw new OperationError(`nothing_to_${kind}`, `There is nothing to ${kind}.`);
  return last;
}

/** The state after one more operation, the same as folding the longer list. */
export function step(base: Base, state: State, operation: Operation): State {
  const version = state.version + 1;
  const done = [...state.done];
  const undone = [...state.undone];
  const ids = new Set(state.ids).add(operation.id);
  if (operation.kind === "undo") {
    undone.push(popped(done, "undo"));
    return { ...replay(base, done), version, done, undone, ids };
  }
  if (operation.kind === "redo") {
    const again = popped(undone, "redo");
    return { ...apply(base, state, again), version, done: [...done, again], undone, ids };
  }
  const labels = apply(base, state, operation);
  return { ...labels, version, done: [...done, operation], undone: [], ids };
}

/**
 * How many operations at the end of those in force were one gesture: one tool at one time.
 *
 * A brush stroke over three atoms refines each and cleaves once; they are undone together.
 */
export function gestureLength(stack: readonly Operation[]): number {
  const last = stack.at(-1);
  let length = 0;
  for (let index = stack.length - 1; last && index >= 0; index -= 1) {
    const operation = stack[index] as Operation;
    if (operation.at !== last.at || operation.tool !== last.tool) break;
    length += 1;
  }
  return length;
}

function replay(base: Base, operations: readonly Operation[]): Labels {
  return operations.reduce<Labels>(
    (labels, operation) => apply(base, labels, operation),
    initial(base),
  );
}

/**
 * Labels with new groups, renumbered by their smallest atom.
 *
 * @param key of each atom: equal keys are one group.
 * @param names and @param dropped by key.
 */
function regrouped(
  labels: Labels,
  key: readonly number[],
  names: ReadonlyMap<number, string>,
  dropped: ReadonlySet<number>,
): Labels {
  const smallest = new Map<number, number>();
  const groupOfAtom = key.map((value, atom) => {
    if (!smallest.has(value)) smallest.set(value, atom);
    return smallest.get(value) as number;
  });
  const newNames = new Map<number, string>();
  for (const [value, name] of names) {
    const group = smallest.get(value);
    if (group !== undefined && name !== "") newNames.set(group, name);
  }
  const newDropped = new Set<number>();
  for (const value of dropped) {
    const group = smallest.get(value);
    if (group !== undefined) newDropped.add(group);
  }
  return { ...labels, groupOfAtom, names: newNames, dropped: newDropped };
}

function apply(base: Base, labels: Labels, operation: Operation): Labels {
  switch (operation.kind) {
    case "merge":
      return merge(labels, operation.groups);
    case "cleave":
      return cleave(labels, operation.group, operation.atoms);
    case "refine":
      return refine(
        labels,
        operation.atom,
        { parent: operation.atom, faces: operation.faces },
        operation.apart ?? false,
      );
    case "level":
      return level(base, labels, operation.count);
    case "assign": {
      const moved = new Set(operation.atoms);
      const key = labels.groupOfAtom.map((group, atom) =>
        moved.has(atom) ? operation.group : group,
      );
      return regrouped(labels, key, labels.names, labels.dropped);
    }
    case "rename": {
      const names = new Map(labels.names).set(operation.group, operation.name);
      return regrouped(labels, labels.groupOfAtom, names, labels.dropped);
    }
    case "drop": {
      const dropped = new Set(labels.dropped);
      if (operation.dropped) dropped.add(operation.group);
      else dropped.delete(operation.group);
      return { ...labels, dropped };
    }
    default:
      throw new OperationError("unknown_kind", `No operation is called ${operation.kind}.`);
  }
}

function merge(labels: Labels, groups: readonly number[]): Labels {
  const into = Math.min(...groups);
  const members = new Set(groups);
  const key = labels.groupOfAtom.map((group) => (members.has(group) ? into : group));
  const names = new Map(labels.names);
  const name = groups.map((group) => labels.names.get(group)).find((found) => found !== undefined);
  for (const group of groups) names.delete(group);
  if (name !== undefined) names.set(into, name);
  const dropped = new Set(labels.dropped);
  const all = groups.every((group) => dropped.has(group));
  for (const group of groups) dropped.delete(group);
  if (all) dropped.add(into);
  return regrouped(labels, key, names, dropped);
}

/** Keys above every atom name the groups that leave; what stays keeps the old key. */
function cleave(labels: Labels, group: number, atoms: readonly (readonly number[])[]): Labels {
  const count = labels.groupOfAtom.length;
  const key = [...labels.groupOfAtom];
  const dropped = new Set(labels.dropped);
  atoms.forEach((leaving, index) => {
    for (const atom of leaving) key[atom] = count + index;
    if (labels.dropped.has(group)) dropped.add(count + index);
  });
  return regrouped(labels, key, labels.names, dropped);
}

function refine(labels: Labels, atom: number, refinement: Refinement, apart: boolean): Labels {
  const group = labels.groupOfAtom[atom] as number;
  const added = labels.groupOfAtom.length;
  const dropped = new Set(labels.dropped);
  if (apart && dropped.has(group)) dropped.add(added);
  return {
    groupOfAtom: [...labels.groupOfAtom, apart ? added : group],
    refinements: [...labels.refinements, refinement],
    names: labels.names,
    dropped,
  };
}

function level(base: Base, labels: Labels, count: number): Labels {
  const cut = cutTree(base.tree, base.segments, count);
  const state = { ...initialHistory, ...labels };
  const groupOfAtom = labels.groupOfAtom.map(
    (_, atom) => cut[segmentOf(state, base.segments, atom)] as number,
  );
  const before = groupsOf(state);
  const after = groupsOf({ ...state, groupOfAtom });
  const same = (group: number): boolean =>
    before.get(group)?.join() === after.get(group)?.join() && before.has(group);
  return {
    ...labels,
    groupOfAtom,
    names: new Map([...labels.names].filter(([group]) => same(group))),
    dropped: new Set([...labels.dropped].filter(same)),
  };
}
