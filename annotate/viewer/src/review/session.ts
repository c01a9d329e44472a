/** One task in the hands of the reviewer: loading, saving, keeping the lease, handing in. */

import type { Operation } from "../domain/operations";
import type { Base } from "../domain/state";
import { readSurface } from "../geometry/surface";
import { api, blob } from "../network/api";
import type { Backlog } from "../network/backlog";
import type { Preview, PreviewRequest, Submission, Task, Verdict } from "../network/contract";
import { Hold } from "../network/hold";
import { Outbox, type OutboxEvents, sender } from "../network/outbox";
import type { Stage } from "../scene/stage";
import { type ActiveClock, keepTime, keptTime } from "./clock";
import { ObjectView } from "./object_view";

export interface SessionEvents extends OutboxEvents {
  viewChanged(): void;
}

/** Milliseconds from the claim: what a slow network and a slow reader cost. */
export interface Timings {
  fetched: number;
  shown: number;
  interactive: number;
}

export class Session {
  private constructor(
    readonly task: Task,
    readonly view: ObjectView,
    readonly outbox: Outbox,
    readonly timings: Timings,
    private readonly hold: Hold,
    private readonly clock: ActiveClock,
  ) {}

  /** Fetches a task's mesh and labels and shows them, with every operation so far. */
  static async open(
    task: Task,
    stage: Stage,
    backlog: Backlog,
    clock: ActiveClock,
    events: SessionEvents,
  ): Promise<Session> {
    const start = performance.now();
    const [mesh, atoms] = await Promise.all([blob(task.mesh.url), blob(task.atoms.url)]);
    const fetched = performance.now() - start;
    const surface = await readSurface(mesh);
    const base = baseOf(task, atoms, surface.faces);
    const key = `${task.uid}:${task.id}`;
    const known = new Set(task.operations.map((operation) => operation.id));
    const kept = await backlog.of(key);
    await backlog.remove(kept.filter(({ id }) => known.has(id)).map(({ id }) => id));
    const unsent = kept.filter(({ id }) => !known.has(id));
    const send = (operation: Operation): void => {
      void outbox.push(operation);
    };
    const view = new ObjectView(stage, surface, base, task.operations, send, events.viewChanged);
    const fitting = view.document.rebase(task.operations, unsent);
    const stale = unsent.filter((operation) => !fitting.includes(operation));
    await backlog.remove(stale.map(({ id }) => id));
    const outbox = new Outbox(
      key,
      task.version,
      fitting,
      backlog,
      sender(task.id, task.epoch),
      events,
    );
    const shown = performance.now() - start;
    await view.prepare();
    const timings = { fetched, shown, interactive: performance.now() - start };
    const hold = new Hold(
      task.id,
      task.epoch,
      () => clock.idle,
      (problem) => {
        events.refused(problem, outbox.unsent);
      },
    );
    clock.restart(keptTime(key));
    prefetch(task);
    return new Session(task, view, outbox, timings, hold, clock);
  }

  /** Asks the server for an edit; it must know everything first. */
  async compute(ask: Omit<PreviewRequest, "version">): Promise<Preview> {
    if (!(await this.outbox.flush()))
      throw new Error("The server cannot be reached now; brush and lasso work offline.");
    const { version } = this.view.document.current;
    return api.preview(this.task.id, this.task.epoch, { ...ask, version });
  }

  /** What the browser keeps when the page is left: unsent operations are kept already. */
  keepTime(): void {
    keepTime(`${this.task.uid}:${this.task.id}`, this.clock.active);
  }

  /** Hands the object in. False when unsent operations could not be sent first. */
  async submit(
    verdict: Verdict,
    reason?: string,
    note?: string,
    picked?: number,
  ): Promise<boolean> {
    if (!(await this.outbox.flush())) return false;
    const submission: Submission = {
      epoch: this.task.epoch,
      version: this.view.document.current.version,
      state_hash: this.view.document.hash(),
      verdict,
      active_ms: this.clock.active,
      ...(reason ? { reason } : {}),
      ...(note ? { note } : {}),
      ...(picked === undefined ? {} : { picked_id: picked }),
    };
    await api.submit(this.task.id, submission);
    return true;
  }

  /** Gives the task back: `skip` for good, `later` with what was done. */
  async release(kind: "skip" | "later", reason?: string): Promise<void> {
    await this.outbox.flush();
    await api.release(this.task.id, this.task.epoch, kind, reason);
  }

  close(): void {
    this.hold.release();
    this.outbox.close();
    this.view.dispose();
  }
}

function baseOf(task: Task, atoms: ArrayBuffer, faces: number): Base {
  if (faces !== task.mesh.faces) {
    throw new Error(`The mesh has ${faces} faces, its task says ${task.mesh.faces}: tell a lead.`);
  }
  if (atoms.byteLength !== 2 * faces && atoms.byteLength !== 4 * faces) {
    throw new Error(`Labels of ${atoms.byteLength} bytes do not fit ${faces} faces: tell a lead.`);
  }
  const wide = atoms.byteLength === 4 * faces;
  return {
    atomOfFace: wide ? new Uint32Array(atoms) : new Uint16Array(atoms),
    segments: task.tree.heights.length + 1,
    tree: task.tree,
  };
}

/** Warms the browser's cache with the next object; its blobs never change under their name. */
function prefetch(task: Task): void {
  const urls = [task.next?.mesh, task.next?.atoms].filter((url) => url !== undefined);
  for (const url of urls)
    fetch(url, { priority: "low" }).then(
      (r) => r.arrayBuffer(),
      () => null,
    );
}
