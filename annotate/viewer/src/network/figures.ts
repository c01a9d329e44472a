/** What the server tells leads; units are in the names, shares are in [0, 1]. */

export interface QueueProgress {
  readonly queue: string;
  readonly tasks: number;
  readonly open: number;
  readonly adjudication: number;
  readonly decided: number;
  readonly superseded: number;
  readonly ready: number;
  readonly held: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly needs_better_atoms: number;
  readonly cannot_decide: number;
  readonly decided_in_week: number;
  readonly active_hours_left: number | null;
  readonly stale_leases: number;
}

export interface ReviewerFigures {
  readonly reviewer: string;
  readonly role: string;
  readonly objects: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly median_active_s: number | null;
  readonly mean_active_s: number | null;
  readonly median_wall_s: number | null;
  readonly per_active_hour: number | null;
  readonly median_edits: number | null;
  readonly as_is: number | null;
  readonly suggested: number | null;
  readonly gold_score: number | null;
  readonly gold: number;
  readonly kappa: number | null;
  readonly iou: number | null;
  readonly same_verdict: number | null;
  readonly compared: number;
  readonly skipped: number;
  readonly hasty: number | null;
}

export interface PairAgreement {
  readonly first: string;
  readonly second: string;
  readonly compared: number;
  readonly same_verdict: number | null;
  readonly verdict_kappa: number | null;
  readonly kappa: number | null;
  readonly iou: number | null;
  readonly adjudicated: number;
}

export interface ReasonCount {
  readonly queue: string;
  readonly reason: string;
  readonly objects: number;
}

export interface ObjectTime {
  readonly uid: string;
  readonly name: string;
  readonly queue: string;
  readonly reviewer: string;
  readonly verdict: string;
  readonly active_s: number;
  readonly wall_s: number;
  readonly edits: number;
  readonly suggested: number;
  readonly faces: number;
}

export interface SuggestionDay {
  readonly day: string;
  readonly objects: number;
  readonly merges: number;
  readonly taken: number;
  readonly kept: number;
  readonly share_of_merges: number | null;
  readonly accepted: number | null;
}

export interface Figures {
  readonly progress: readonly QueueProgress[];
  readonly reviewers: readonly ReviewerFigures[];
  readonly agreement: readonly PairAgreement[];
  readonly reasons: readonly ReasonCount[];
  readonly slowest: readonly ObjectTime[];
  readonly suggestions: readonly SuggestionDay[];
}

export interface TaskRow {
  readonly id: number;
  readonly queue: string;
  readonly uid: string;
  readonly name: string;
  readonly state: string;
  readonly round: number;
  readonly gold: boolean;
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly holders: readonly string[];
  readonly reviewers: readonly string[];
}

export interface TaskPage {
  readonly tasks: readonly TaskRow[];
  readonly after: number | null;
}
