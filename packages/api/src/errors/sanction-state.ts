/** A measure against a caller. Reaches him as `error.data.sanction`. */
export interface SanctionState {
  /** When it ends, by this server's clock; null: when it is lifted. */
  untilMs: number | null;
  /** What he is told about it; may be empty. */
  why: string;
}
