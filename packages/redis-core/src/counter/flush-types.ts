import type { Duration } from "../duration.ts";

/** Counts on their way to a database. */
export interface FlushClaim {
  readonly counter: string;
  /**
   * Rises from claim to claim; a claim that is handed out again keeps its number. There is one claim at a time, so a
   * database needs the last number it stored, and no list of them.
   */
  readonly number: number;
  /** Item → what was counted, which may be negative. */
  readonly counts: ReadonlyMap<string, number>;
  /** Whether somebody had this claim before, and may have stored it. */
  readonly isRepeated: boolean;
}

export type FlushWork = (claim: FlushClaim) => Promise<void> | void;

export interface FlushOptions {
  /** Items per claim. Default 1000, at most 5000. */
  readonly batch?: number;
  /** How long a dead flusher keeps the others from its claim. Default `"30s"`. */
  readonly lease?: Duration;
  /** Ends the flush after the claim under way. */
  readonly signal?: AbortSignal;
}

export interface FlushResult {
  /** Claims stored and acknowledged here. */
  readonly claims: number;
  /** Items in them. */
  readonly items: number;
  /** When the claim of another flusher, which ended this flush, is free; null when all was flushed. */
  readonly busyUntilMs: number | null;
}
