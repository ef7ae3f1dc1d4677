import type { RedisPort } from "../../src/index.ts";

/**
 * The usual snippet: a counter, a set of visitors and a hash of hours for each page and date, in three round
 * trips. Its keys stay for ever, one for each label anybody invents (F15), and its hours are those of the
 * process' time zone while its dates are UTC (F16).
 */
export function naivePageAnalytics(redis: RedisPort, prefix: string) {
  return {
    async track(page: string, visitor: string, atMs: number): Promise<void> {
      const at = new Date(atMs);
      const date = at.toISOString().slice(0, 10);
      const localDate = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
      await redis.command("INCR", [`${prefix}:views:${page}:${date}`], []);
      await redis.command("SADD", [`${prefix}:visitors:${page}:${date}`], [visitor]);
      await redis.command("HINCRBY", [`${prefix}:hours:${page}:${localDate}`], [pad(at.getHours()), 1]);
    },

    async dayViews(page: string, dayStartMs: number): Promise<number> {
      const date = new Date(dayStartMs).toISOString().slice(0, 10);
      return Number(await redis.command("GET", [`${prefix}:views:${page}:${date}`], []));
    },

    async hourViews(page: string, dayStartMs: number): Promise<number[]> {
      const date = new Date(dayStartMs).toISOString().slice(0, 10);
      const fields = Array.from({ length: 24 }, (_, hour) => pad(hour));
      const reply = await redis.command("HMGET", [`${prefix}:hours:${page}:${date}`], fields);
      return Array.isArray(reply) ? reply.map(Number) : [];
    },
  };
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
