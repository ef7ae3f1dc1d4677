import { runOn } from "../context.ts";
import type { Board } from "./board.ts";
import type { Period } from "./period.ts";
import { type Range, rangeOf } from "./replies.ts";
import { rangeScript } from "./scripts.ts";

interface RangeRequest {
  readonly from: "top" | "after" | "before" | "around";
  /** The member to look around of, or the place of a cursor. */
  readonly at?: string;
  readonly atScore?: string;
  readonly count: number;
}

/** Consecutive entries of a period, of one moment. One round trip. */
export async function readRange<Meta>(
  board: Board<Meta>,
  period: Period,
  { from, at = "", atScore = "", count }: RangeRequest,
): Promise<Range<Meta>> {
  const { direction, rank } = board;
  const reply = await runOn(board.context, "state", rangeScript, {
    keys: board.keysOf(period.name),
    args: { direction, rank, from, at, at_score: atScore, count },
    restKeys: board.addedKeysOf(period.name),
  });
  return rangeOf(board, reply);
}
