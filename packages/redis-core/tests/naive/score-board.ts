import type { RedisPort, RedisReply } from "@cardinal/redis-core";

/** Flaws F11 and F14: scores read by `parseInt`, and ties in the order of the members' bytes. */
export function naiveScoreBoard(port: RedisPort, key: string) {
  const readScore = (reply: RedisReply | undefined) => Number.parseInt(String(reply ?? 0), 10);
  return {
    async submit(member: string, score: number) {
      const text = Number.isFinite(score) ? String(score) : score > 0 ? "inf" : "-inf";
      await port.command("ZADD", [key], [text, member]);
      const [rank, stored] = await Promise.all([
        port.command("ZREVRANK", [key], [member]),
        port.command("ZSCORE", [key], [member]),
      ]);
      return { score: readScore(stored), rank: Number(rank) + 1 };
    },
    async top(n: number) {
      const reply = await port.command("ZREVRANGE", [key], [0, n - 1, "WITHSCORES"]);
      const flat = Array.isArray(reply) ? reply.flat() : [];
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        member: String(flat[index * 2]),
        score: readScore(flat[index * 2 + 1]),
        rank: index + 1,
      }));
    },
    /** Pages by number: what moves above a page moves the page. */
    async page({ cursor, limit = 50 }: { readonly cursor?: string | null; readonly limit?: number }) {
      const first = Number(cursor ?? 0);
      const entries = (await this.top(first + limit)).slice(first);
      const total = Number(await port.command("ZCARD", [key], []));
      return { entries, nextCursor: first + limit < total ? String(first + limit) : null };
    },
  };
}
