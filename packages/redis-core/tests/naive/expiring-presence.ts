import type { RedisPort } from "@cardinal/redis-core";

/** A tutorial's presence (F10): one set for everybody, whose TTL is that of the last one who beat. */
export function naivePresence(port: RedisPort, key: string, ttlMs: number) {
  return {
    async markOnline(userId: string): Promise<void> {
      await port.command("SADD", [key], [userId]);
      await port.command("PEXPIRE", [key], [ttlMs]);
    },
    async markOffline(userId: string): Promise<void> {
      await port.command("SREM", [key], [userId]);
    },
    async listOnline(): Promise<string[]> {
      const reply = await port.command("SMEMBERS", [key], []);
      return Array.isArray(reply) ? reply.map(String).toSorted() : [];
    },
  };
}
