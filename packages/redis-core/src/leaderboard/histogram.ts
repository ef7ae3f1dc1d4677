import { runOn } from "../context.ts";
import { Misuse } from "../errors.ts";
import type { Board } from "./board.ts";
import type { HistogramBucket, HistogramShape } from "./leaderboard-types.ts";
import type { Period } from "./period.ts";
import { textsOf } from "./replies.ts";
import { formatScore, parseScore } from "./score-text.ts";
import { histogramScript } from "./scripts.ts";

const mostBuckets = 1_000;

/** See `Leaderboard.histogram`. One round trip, a count in O(log n) for each bucket. */
export async function readHistogram<Meta>(
  board: Board<Meta>,
  period: Period,
  shape: HistogramShape,
): Promise<HistogramBucket[]> {
  const { buckets, bounds } = checkShape(shape);
  const texts = textsOf(
    await runOn(board.context, "state", histogramScript, {
      keys: { order: board.keysOf(period.name).order },
      args: { buckets },
      restArgs: bounds,
    }),
  );
  return Array.from({ length: texts.length / 3 }, (_, index) => {
    const [from = "", to = "", members] = texts.slice(index * 3, index * 3 + 3);
    return { from: parseScore(from), to: parseScore(to), members: Number(members) };
  });
}

function checkShape(shape: HistogramShape): { readonly buckets: number; readonly bounds: readonly string[] } {
  const count = "buckets" in shape ? shape.buckets : shape.bounds.length;
  if (!Number.isInteger(count) || count < 1 || count > mostBuckets) {
    throw new Misuse(`a histogram has 1 to ${mostBuckets} buckets or bounds, got ${count}`);
  }
  if ("buckets" in shape) {
    return { buckets: count, bounds: [] };
  }
  for (const [index, bound] of shape.bounds.entries()) {
    const before = shape.bounds[index - 1] ?? Number.NEGATIVE_INFINITY;
    if (!Number.isFinite(bound) || bound <= before) {
      throw new Misuse("the bounds of a histogram must be finite and rise");
    }
  }
  return { buckets: 0, bounds: shape.bounds.map(formatScore) };
}
