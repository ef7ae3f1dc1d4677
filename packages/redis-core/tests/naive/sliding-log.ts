import type { RedisPort } from "../../src/index.ts";

/** What a tutorial's limiter names an entry: its time alone, or with something that sets it apart. */
export type MemberName = "time" | "unique";

let entries = 0;

/**
 * The sliding log as tutorials write it, in four round trips: forget the old, count, decide, add. Between counting
 * and adding others do the same; and entries named by their millisecond alone are one entry.
 */
export async function naiveSlidingLog(
  redis: RedisPort,
  key: string,
  { limit, windowMs, member }: { readonly limit: number; readonly windowMs: number; readonly member: MemberName },
): Promise<boolean> {
  const nowMs = Date.now();
  await redis.command("ZREMRANGEBYSCORE", [key], ["-inf", nowMs - windowMs]);
  const count = Number(await redis.command("ZCARD", [key], []));
  if (count >= limit) {
    return false;
  }
  entries += 1;
  await redis.command("ZADD", [key], [nowMs, member === "time" ? nowMs : `${nowMs}-${process.pid}-${entries}`]);
  await redis.command("PEXPIRE", [key], [windowMs]);
  return true;
}
