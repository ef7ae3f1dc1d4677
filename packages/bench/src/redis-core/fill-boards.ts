import type { RedisCore } from "@cardinal/redis-core";
import type { Leaderboard } from "@cardinal/redis-core/leaderboard";
import { Redis } from "ioredis";

/** Members of each board: enough that logarithms and caches show. */
export const boardMembers = 1_000_000;
const scores = 50_000;

export function memberOf(index: number): string {
  return `member-${(index * 7_919) % boardMembers}`;
}

function* entries(): Generator<{ member: string; score: number }> {
  for (let index = 0; index < boardMembers; index += 1) {
    yield { member: `member-${index}`, score: (index * 104_729) % scores };
  }
}

/** A board with a million members in each of its periods, twenty of them on every score. */
export async function fillBoard(
  core: RedisCore,
  redisUrl: string,
  name: string,
  board: Leaderboard,
): Promise<void> {
  // Copying a million members takes longer than the clients under measurement may be silent.
  const client = new Redis(redisUrl);
  await board.rebuild(entries(), { period: "all" });
  const { order, places } = core.keys.leaderboard;
  for (const period of ["day", "week"] as const) {
    const copy = board.periodName({ period });
    await client.copy(order(name, "all"), order(name, copy));
    await client.copy(places(name, "all"), places(name, copy));
  }
  client.disconnect();
}

/** The same members and scores in plain sorted sets. */
export async function fillSets(redisUrl: string, keys: readonly [string, ...string[]]): Promise<void> {
  const client = new Redis(redisUrl);
  const [first, ...others] = keys;
  let step: (string | number)[] = [];
  for (const { member, score } of entries()) {
    step.push(score, member);
    if (step.length === 10_000) {
      await client.zadd(first, ...step);
      step = [];
    }
  }
  for (const other of others) {
    await client.copy(first, other);
  }
  client.disconnect();
}

/** Says on standard error what a member costs. */
export async function printMemory(core: RedisCore, client: Redis, name: string, plain: string): Promise<void> {
  const { order, places } = core.keys.leaderboard;
  const bytes = async (key: string) => Number(await client.memory("USAGE", key, "SAMPLES", 1_000));
  const ours = (await bytes(order(name, "all"))) + (await bytes(places(name, "all")));
  const per = (total: number) => Math.round(total / boardMembers);
  console.error(`leaderboard memory: ${per(ours)} bytes a member and period, plain set ${per(await bytes(plain))}`);
}
