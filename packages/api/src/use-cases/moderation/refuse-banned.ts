import { type ReadTransaction, sanctionQueries } from "@cardinal/db";
import { Banned, Suspended } from "../../errors/moderation-errors.ts";

/** @throws {Banned} for who may not come into the room now. */
export function refuseBanned(tx: ReadTransaction, who: { userId: string; roomId: string }, nowMs: number): void {
  const ban = sanctionQueries.findStanding(tx, { userId: who.userId, roomId: who.roomId, kind: "ban" }, nowMs);
  if (ban !== undefined) {
    throw new Banned({ untilMs: ban.expiresAtMs, why: ban.reason });
  }
}

/** @throws {Suspended} for who may not use the site now. */
export function refuseSuspended(tx: ReadTransaction, userId: string, nowMs: number): void {
  const ban = sanctionQueries.findStanding(tx, { userId, roomId: null, kind: "ban" }, nowMs);
  if (ban !== undefined) {
    throw new Suspended({ untilMs: ban.expiresAtMs, why: ban.reason });
  }
}
