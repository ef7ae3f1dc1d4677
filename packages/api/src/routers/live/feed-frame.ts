// Knows no package: the emitted type of the router names what is here.
import type { ErrorData } from "../../errors/error-data.ts";

/** What a refused subscription is told, on every transport. */
export interface FeedError {
  message: string;
  code: number;
  data: ErrorData;
}

/**
 * `started`: the subscription was accepted. `id` and `data`: one of its frames. `error`: it was refused or failed, and
 * is over; `end`: it is over. The other topics go on.
 */
export type FeedFrame =
  | { key: string; started: true }
  | { key: string; id: string; data: unknown }
  | { key: string; error: FeedError }
  | { key: string; end: true };
