import { randomBytes } from "node:crypto";
import type { ManualClock, RedisPort } from "../../src/index.ts";

interface StoredSession {
  readonly userId: string;
  readonly expiresAtMs: number;
}

/**
 * F7: sessions as most programs write them. A refresh reads the session and writes it back with a new TTL; neither its
 * `expiresAt` nor the cookie hears of it, and what was revoked in between is there again.
 */
export function createNaiveSessions(port: RedisPort, prefix: string, clock: ManualClock, idleMs: number) {
  const keyOf = (token: string) => `${prefix}:session:${token}`;
  return {
    async signIn(userId: string) {
      const token = randomBytes(32).toString("hex");
      const session: StoredSession = { userId, expiresAtMs: clock.nowMs() + idleMs };
      await port.command("SET", [keyOf(token)], [JSON.stringify(session), "PX", idleMs]);
      return { token, cookieMaxAgeMs: idleMs, expiresAtMs: session.expiresAtMs };
    },
    async visit(token: string) {
      const text = await port.command("GET", [keyOf(token)], []);
      if (typeof text !== "string") {
        return null;
      }
      const { expiresAtMs } = JSON.parse(text) as StoredSession;
      await port.command("SET", [keyOf(token)], [text, "PX", idleMs]);
      return { expiresAtMs, cookieMaxAgeMs: null };
    },
    async signOut(token: string) {
      await port.command("DEL", [keyOf(token)], []);
    },
  };
}
