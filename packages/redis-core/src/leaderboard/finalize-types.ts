import type { Duration } from "../duration.ts";
import type { LeaderboardEntry } from "./leaderboard-types.ts";

/** A period as it was when it was closed. Nothing changes it any more. */
export interface BoardArchive<Meta = undefined> {
  /** `<board>/<period name>`: the same whoever finalizes it, however often. */
  readonly id: string;
  readonly closedAtMs: number;
  /** Members the period had; `winners` are the first of them. */
  readonly total: number;
  readonly winners: readonly LeaderboardEntry<Meta>[];
}

/** What the work of a finalization is given. */
export interface Finalization<Meta = undefined> extends BoardArchive<Meta> {
  /** Rises with every claim, like the fencing token of a lock. */
  readonly claim: bigint;
  /** Aborts before the claim can pass to somebody else. */
  readonly signal: AbortSignal;
}

export type FinalizeWork<Meta = undefined> = (finalization: Finalization<Meta>) => Promise<void> | void;

export interface FinalizeOptions {
  /** How long a dead caller keeps the others out. A living one renews. Default `"30s"`. */
  readonly lease?: Duration;
  /** How long a living one may keep it; then his signal aborts and the claim passes. Default `"10m"`. */
  readonly maxHold?: Duration;
}

/**
 * `finalized`: the work ran here and is acknowledged. `already`: it was before. `busy`: another caller is at it, and
 * loses the claim at `untilMs` unless he renews it. `open`: the period takes scores until `closesAtMs`. `gone`: its
 * keep time was over before anybody finalized it.
 */
export type FinalizeResult<Meta = undefined> =
  | { readonly state: "finalized" | "already"; readonly archive: BoardArchive<Meta> }
  | { readonly state: "busy"; readonly untilMs: number }
  | { readonly state: "open"; readonly closesAtMs: number }
  | { readonly state: "gone" };
