/** Sends operations in batches, again and again until the server has them. */

import type { Operation } from "../domain/operations";
import { Offline, Problem, api } from "./api";
import type { Conflict } from "./contract";

const DEBOUNCE_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Browsers refuse larger bodies of requests that outlive the page. */
const KEEPALIVE_BYTES = 60_000;

/** Below what the server takes in one request. */
const MOST_AT_ONCE = 200;

export type SaveState = "saved" | "unsaved" | "saving" | "offline" | "stopped";

/** Where unsent operations are kept; `Backlog`, or a list in tests. */
export interface Keep {
  add(task: string, operation: Operation): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

export interface OutboxEvents {
  changed(state: SaveState, unsent: number): void;
  /** Another window changed the task; nothing is sent until `resume`. */
  conflict(conflict: Conflict, unsent: readonly Operation[]): void;
  /** The task is not ours any more, or the server refuses an operation. */
  refused(problem: Problem, unsent: readonly Operation[]): void;
}

export type Send = (
  version: number,
  operations: readonly Operation[],
  keepalive: boolean,
) => Promise<{ readonly version: number }>;

/** A sender for one task of the server. */
export function sender(task: number, epoch: number): Send {
  return (version, operations, keepalive) =>
    api.operations(task, epoch, version, operations, keepalive);
}

export class Outbox {
  private queue: Operation[];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: Promise<void> | null = null;
  private failures = 0;
  private stopped = false;

  /**
   * @param version number of operations that the server has.
   * @param unsent what an earlier page left behind.
   */
  constructor(
    private readonly task: string,
    private version: number,
    unsent: readonly Operation[],
    private readonly keep: Keep,
    private readonly send: Send,
    private readonly events: OutboxEvents,
  ) {
    this.queue = [...unsent];
    if (this.queue.length > 0) this.schedule(0);
  }

  get unsent(): readonly Operation[] {
    return this.queue;
  }

  /** Keeps the operation at once and sends it soon. */
  async push(operation: Operation): Promise<void> {
    this.queue.push(operation);
    this.tell(this.failures > 0 ? "offline" : "unsaved");
    this.schedule(DEBOUNCE_MS);
    await this.keep.add(this.task, operation);
  }

  /** Sends what there is now; resolves when nothing is left or sending is not possible. */
  async flush(keepalive = false): Promise<boolean> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    while (this.queue.length > 0 && !this.stopped) {
      this.running ??= this.sendOnce(keepalive).finally(() => {
        this.running = null;
      });
      const before = this.failures;
      await this.running;
      if (this.failures > before) return false;
    }
    return this.queue.length === 0;
  }

  private async sendOnce(keepalive: boolean): Promise<void> {
    const batch = this.queue.slice(0, MOST_AT_ONCE);
    const small = JSON.stringify(batch).length < KEEPALIVE_BYTES;
    this.tell("saving");
    try {
      const saved = await this.send(this.version, batch, keepalive && small);
      this.failures = 0;
      await this.accepted(batch, saved.version);
    } catch (error) {
      this.failed(error);
    }
  }

  private async accepted(batch: readonly Operation[], version: number): Promise<void> {
    this.version = version;
    const ids = new Set(batch.map((operation) => operation.id));
    this.queue = this.queue.filter((operation) => !ids.has(operation.id));
    await this.keep.remove([...ids]);
    this.tell(this.queue.length > 0 ? "unsaved" : "saved");
  }

  private failed(error: unknown): void {
    if (error instanceof Problem && error.status !== 429 && error.status < 500) {
      this.stopped = true;
      this.tell("stopped");
      if (error.code === "conflict") {
        this.events.conflict(error.body as unknown as Conflict, this.queue);
      } else {
        this.events.refused(error, this.queue);
      }
      return;
    }
    if (!(error instanceof Offline || error instanceof Problem)) throw error;
    this.failures += 1;
    this.tell("offline");
    this.schedule(Math.min(DEBOUNCE_MS * 2 ** this.failures, LONGEST_WAIT_MS));
  }

  /** Forgets unsent operations: the reviewer chose the server's side of a conflict. */
  async discard(): Promise<void> {
    const ids = this.queue.map((operation) => operation.id);
    this.queue = [];
    await this.keep.remove(ids);
  }

  /** Goes on after a conflict, from the server's version. */
  resume(version: number): void {
    this.version = version;
    this.stopped = false;
    this.tell(this.queue.length > 0 ? "unsaved" : "saved");
    this.schedule(0);
  }

  /** Stops sending for good. What is unsent stays kept. */
  close(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private schedule(wait: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), wait);
  }

  private tell(state: SaveState): void {
    this.events.changed(state, this.queue.length);
  }
}
