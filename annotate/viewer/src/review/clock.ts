/** How long a reviewer worked on an object: gaps between inputs count up to half a minute. */

const LONGEST_GAP_MS = 30_000;
const INPUTS = ["pointerdown", "pointermove", "wheel", "keydown"] as const;

export class ActiveClock {
  private total = 0;
  private last: number;
  private lastInput: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.last = now();
    this.lastInput = this.last;
  }

  /** Listens to a page's inputs. */
  attach(target: EventTarget): void {
    for (const kind of INPUTS) {
      target.addEventListener(
        kind,
        () => {
          this.tick();
        },
        { passive: true },
      );
    }
  }

  tick(): void {
    const now = this.now();
    this.total += Math.min(now - this.last, LONGEST_GAP_MS);
    this.last = now;
    this.lastInput = now;
  }

  /** Starts again. @param spent milliseconds of work before, on a page that was reloaded. */
  restart(spent = 0): void {
    this.total = spent;
    this.last = this.now();
  }

  /** Milliseconds of work since `restart`. */
  get active(): number {
    return Math.round(this.total + Math.min(this.now() - this.last, LONGEST_GAP_MS));
  }

  /** Milliseconds since the last input. */
  get idle(): number {
    return this.now() - this.lastInput;
  }
}

const STORED = "partworks-active";

/** Keeps the time spent on a task over a reload of the page. */
export function keepTime(task: string, active: number): void {
  sessionStorage.setItem(STORED, JSON.stringify({ task, active }));
}

/** The time kept for a task; 0 if the last one kept is another's. */
export function keptTime(task: string): number {
  const text = sessionStorage.getItem(STORED);
  if (text === null) return 0;
  const kept = JSON.parse(text) as { task: string; active: number };
  return kept.task === task ? kept.active : 0;
}
