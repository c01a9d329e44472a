/** The ways in which an object leaves the desk. */

import { api } from "../network/api";
import type { Opinion, Reason, Verdict, Warning } from "../network/contract";
import { askReason, askText, askWarnings } from "../panels/verdicts";
import type { Desk } from "./desk";

/** Ways out that are no rejection: the fault is not the object's. */
const OTHERS = [
  {
    key: "s",
    code: "needs-better-atoms",
    text: "The segments are too coarse or wrong: segment again",
  },
  { key: "c", code: "cannot-decide", text: "I cannot decide: somebody else should" },
] as const satisfies readonly Reason[];

/** After Enter confirmed something, it does not accept the object for this long. */
const GUARD_MS = 700;

export class Verdicts {
  private busy = false;
  private guardedUntil = 0;

  constructor(private readonly desk: Desk) {}

  /** Keeps an Enter too many from accepting the object. */
  guard(): void {
    this.guardedUntil = performance.now() + GUARD_MS;
  }

  async accept(): Promise<void> {
    if (performance.now() < this.guardedUntil) return;
    await this.once(async () => {
      const { session } = this.desk;
      if (!session) return;
      if (!(await session.outbox.flush())) {
        this.desk.page.toasts.show("Not everything is saved yet; the object stays until it is.");
        return;
      }
      const { warnings } = await api.warnings(session.task.id);
      if (
        warnings.length > 0 &&
        !(await askWarnings(warnings, (groups) => {
          this.show(groups);
        }))
      )
        return;
      await this.submit("accept");
    });
  }

  async reject(): Promise<void> {
    await this.once(async () => {
      const { session } = this.desk;
      if (!session) return;
      const answer = await askReason(
        "Reject: why?",
        [...session.task.reasons, ...OTHERS],
        this.desk.note,
      );
      if (!answer) return;
      this.desk.note = answer.note;
      const other = OTHERS.find(({ code }) => code === answer.code);
      await this.submit(other?.code ?? "reject", other ? undefined : answer.code);
    });
  }

  /** Lets an opinion stand, as an arbiter. */
  async pick(opinion: Opinion): Promise<void> {
    await this.once(async () => {
      this.desk.note = this.desk.note || opinion.note;
      await this.submit(opinion.verdict, opinion.reason, opinion.id);
    });
  }

  async release(kind: "skip" | "later"): Promise<void> {
    await this.once(async () => {
      const { session } = this.desk;
      if (!session) return;
      await session.release(kind);
      await this.desk.next();
    });
  }

  async note(): Promise<void> {
    const text = await askText("Note on this object", this.desk.note);
    if (text !== null) this.desk.note = text;
  }

  private async submit(verdict: Verdict, reason?: string, picked?: number): Promise<void> {
    const { session, page } = this.desk;
    if (!session) return;
    if (!(await session.submit(verdict, reason, this.desk.note, picked))) {
      page.toasts.show("Not everything is saved yet; the object stays until it is.");
      return;
    }
    const { id, name } = session.task;
    const next = this.desk.next();
    page.toasts.show(`${name}: ${verdict === "accept" ? "accepted" : verdict}.`, {
      label: "Take it back",
      run: () => {
        void this.reopen(id);
      },
    });
    await next;
  }

  /** The object comes back; the one on the desk is put off, with what was done. */
  private async reopen(task: number): Promise<void> {
    await this.once(async () => {
      await this.desk.session?.release("later");
      await api.reopen(task);
      await this.desk.next();
    });
  }

  private show(groups: Warning["groups"]): void {
    this.desk.session?.view.selection.set(groups ?? []);
    this.desk.run("frame");
  }

  /** One verdict at a time, and its problems are told. */
  private async once(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.desk.page.toasts.show(error instanceof Error ? error.message : String(error));
    } finally {
      this.busy = false;
    }
  }
}
