/** Keeps a task's lease while somebody works on it. */

import { Problem, api } from "./api";

const EVERY_MS = 60_000;
const IDLE_MS = 5 * 60_000;

export class Hold {
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(task: number, epoch: number, idle: () => number, lost: (problem: Problem) => void) {
    this.timer = setInterval(() => {
      if (document.visibilityState !== "visible" || idle() > IDLE_MS) return;
      api.heartbeat(task, epoch).catch((error: unknown) => {
        if (error instanceof Problem && error.status < 500 && error.status !== 429) lost(error);
      });
    }, EVERY_MS);
  }

  release(): void {
    clearInterval(this.timer);
  }
}
