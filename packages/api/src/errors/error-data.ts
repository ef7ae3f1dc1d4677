import type { RateLimitState } from "./rate-limit-state.ts";
import type { Reason } from "./reasons.ts";
import type { SanctionState } from "./sanction-state.ts";

/** One refused field of an input. `path` is dotted; empty for the input as a whole. */
export interface InputIssue {
  path: string;
  message: string;
}

/** `error.data` of every refused or failed call, on every transport. */
export interface ErrorData {
  /** The tRPC code, such as `NOT_FOUND`. */
  code: string;
  httpStatus: number;
  /** The procedure. */
  path: string | null;
  /** What a program branches on. */
  reason: Reason;
  /** Names this call in the server's log. */
  requestId: string | null;
  /** Only with `RATE_LIMITED` and `SLOW_MODE`. */
  rateLimit: RateLimitState | null;
  /** Only with `MUTED`, `BANNED` and `SUSPENDED`. */
  sanction: SanctionState | null;
  /** Only where the input was refused. */
  issues: InputIssue[] | null;
  /** Only in development. */
  stack: string | null;
}
