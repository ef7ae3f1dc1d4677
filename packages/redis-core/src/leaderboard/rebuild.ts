import { runOn } from "../context.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { type Board, checkMember } from "./board.ts";
import type { RebuildEntry } from "./leaderboard-types.ts";
import type { Period } from "./period.ts";
import { formatScore } from "./score-text.ts";
import { stageScript, swapScript } from "./scripts.ts";

const entriesPerStep = 1_000;
const stagingTtlMs = 600_000;

/** See `Leaderboard.rebuild`. A round trip for every 1000 entries, and one for the swap. */
export async function rebuildPeriod<Meta>(
  board: Board<Meta>,
  period: Period,
  entries: Iterable<RebuildEntry<Meta>>,
): Promise<number> {
  const { context, direction, rank } = board;
  const staging = `${period.name}~staging-${randomHex(6)}`;
  const staged = board.keysOf(staging);
  const standing = board.keysOf(period.name);
  const stagedAdded = board.addedKeysOf(staging);
  const seen = new Set<string>();
  let step: string[] = [];
  const flush = async () => {
    if (step.length > 0) {
      const first = seen.size - step.length / 3 + 1;
      await runOn(
        context,
        "state",
        stageScript,
        {
          keys: staged,
          args: { direction, rank, first, ttl: stagingTtlMs },
          restKeys: stagedAdded,
          restArgs: step,
        },
        { resend: "once" },
      );
      step = [];
    }
  };
  for (const { member, score, metadata } of entries) {
    checkMember(member);
    if (seen.has(member)) {
      throw new Misuse(`the member ${member} is there twice`);
    }
    seen.add(member);
    step.push(member, formatScore(score), board.metadata.write(metadata));
    if (step.length === entriesPerStep * 3) {
      await flush();
    }
  }
  await flush();
  const swapped = await runOn(context, "state", swapScript, {
    keys: { events: context.keys.leaderboard.events(board.name) },
    args: { count: seen.size, expiry: board.expiryOf(period), period: JSON.stringify(period.name) },
    restKeys: [
      staged.order,
      staged.places,
      ...stagedAdded,
      standing.order,
      standing.places,
      ...board.addedKeysOf(period.name),
    ],
  });
  if (swapped !== 1) {
    throw new RedisUnavailable("the staged board was lost before the swap; the old one stands");
  }
  return seen.size;
}
