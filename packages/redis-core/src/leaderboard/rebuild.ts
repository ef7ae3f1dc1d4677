import { type CoreContext, runOn } from "../context.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import type { Period } from "./period.ts";
import { formatScore } from "./score-text.ts";
import { stageScript, swapScript } from "./scripts.ts";

const entriesPerStep = 1_000;
const stagingTtlMs = 600_000;

interface RebuildTarget {
  readonly name: string;
  readonly order: "asc" | "desc";
  readonly period: Period;
  readonly expiryAtMs: number;
}

/** See `Leaderboard.rebuild`. A round trip for every 1000 entries, and one for the swap. */
export async function rebuildPeriod(
  context: CoreContext,
  { name, order, period, expiryAtMs }: RebuildTarget,
  entries: Iterable<{ member: string; score: number }>,
): Promise<number> {
  const keys = context.keys.leaderboard;
  const staging = `${period.name}~staging-${randomHex(6)}`;
  const staged = { scores: keys.scores(name, staging), members: keys.members(name, staging) };
  const seen = new Set<string>();
  let sequence = 0;
  let step: string[] = [];
  const flush = async () => {
    if (step.length > 0) {
      const first = sequence - step.length / 2 + 1;
      await runOn(context, "state", stageScript, {
        keys: staged,
        args: { order, first, ttl: stagingTtlMs },
        restArgs: step,
      });
      step = [];
    }
  };
  for (const { member, score } of entries) {
    if (seen.has(member)) {
      throw new Misuse(`the member ${member} is there twice`);
    }
    seen.add(member);
    step.push(member, formatScore(score));
    sequence += 1;
    if (step.length === entriesPerStep * 2) {
      await flush();
    }
  }
  await flush();
  const swapped = await runOn(context, "state", swapScript, {
    keys: {
      staged_scores: staged.scores,
      staged_members: staged.members,
      scores: keys.scores(name, period.name),
      members: keys.members(name, period.name),
      version: keys.version(name, period.name),
      events: keys.events(name),
    },
    args: { count: sequence, last: sequence, expiry: expiryAtMs, period: period.name },
  });
  if (swapped !== 1) {
    throw new RedisUnavailable("the staged board was lost before the swap; the old one stands");
  }
  return sequence;
}
