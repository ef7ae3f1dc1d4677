import type { RedisPort } from "@cardinal/redis-core";

/** Flaw F9: all counts in one hash, which is shipped whole and sorted by the client, and never ends. */
export function naiveViewCounter(port: RedisPort, key: string) {
  return {
    increment: async (item: string, { by }: { readonly by: number }) =>
      Number(await port.command("HINCRBY", [key], [item, by])),
    async top(n: number) {
      const reply = await port.command("HGETALL", [key], []);
      const flat = Array.isArray(reply) ? reply.flat() : [];
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        item: String(flat[index * 2]),
        count: Number(flat[index * 2 + 1]),
      }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, n);
    },
  };
}
