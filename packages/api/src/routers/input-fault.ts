import type { Reason } from "../errors/reasons.ts";

/**
 * The options of a zod `refine` whose failure a program can tell apart: `reason` reaches the caller as
 * `error.data.reason`, where an ordinary refusal says only `INVALID_INPUT`.
 */
export function inputFault(reason: Reason, message: string): { error: string; params: { reason: Reason } } {
  return { error: message, params: { reason } };
}

/** Code points, as people count characters: an emoji is one, not two. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
