import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import type { JsonObject } from "../schema/columns.ts";
import { session, type SessionRow } from "../schema/session.ts";

export interface NewSession {
  id: string;
  userId: string;
  data: JsonObject;
  device?: JsonObject | null;
  createdAtMs: number;
  lastSeenAtMs?: number;
  expiresAtMs: number;
  absoluteExpiresAtMs: number;
}

/** Records a new session. */
export function insert(tx: WriteTransaction, input: NewSession): SessionRow {
  return tx.orm
    .insert(session)
    .values({ ...input, lastSeenAtMs: input.lastSeenAtMs ?? input.createdAtMs })
    .returning()
    .get();
}

/** The record, revoked and expired ones included: the caller judges by its times. */
export function findById(tx: ReadTransaction, id: string): SessionRow | undefined {
  return tx.orm.select().from(session).where(eq(session.id, id)).get();
}

/**
 * Moves the expiry of a live session. Neither time ever goes back, the absolute limit holds, and a revoked
 * session stays as it is. Returns whether the session was live.
 */
export function touch(
  tx: WriteTransaction,
  id: string,
  times: { lastSeenAtMs: number; expiresAtMs: number },
): boolean {
  const changed = tx.orm
    .update(session)
    .set({
      lastSeenAtMs: sql`max(${session.lastSeenAtMs}, ${times.lastSeenAtMs})`,
      expiresAtMs: sql`
        min(max(${session.expiresAtMs}, ${times.expiresAtMs}), ${session.absoluteExpiresAtMs})`,
    })
    .where(and(eq(session.id, id), isNull(session.revokedAtMs)))
    .run();
  return changed.changes > 0;
}

/** Replaces the data of a live session. Returns whether it was live. */
export function updateData(tx: WriteTransaction, id: string, data: JsonObject): boolean {
  const live = and(eq(session.id, id), isNull(session.revokedAtMs));
  return tx.orm.update(session).set({ data }).where(live).run().changes > 0;
}

/**
 * Revokes a session for good. Returns the record if this call revoked it, undefined if there was nothing to
 * revoke.
 */
export function revoke(tx: WriteTransaction, id: string, nowMs: number): SessionRow | undefined {
  return tx.orm
    .update(session)
    .set({ revokedAtMs: nowMs, redisSynced: false })
    .where(and(eq(session.id, id), isNull(session.revokedAtMs)))
    .returning()
    .get();
}

/** Revokes every live session of a member, but for one if asked. Returns the records it revoked. */
export function revokeAllOfUser(
  tx: WriteTransaction,
  userId: string,
  options: { nowMs: number; exceptId?: string },
): SessionRow[] {
  return tx.orm
    .update(session)
    .set({ revokedAtMs: options.nowMs, redisSynced: false })
    .where(
      and(
        eq(session.userId, userId),
        isNull(session.revokedAtMs),
        gt(session.expiresAtMs, options.nowMs),
        options.exceptId === undefined ? undefined : ne(session.id, options.exceptId),
      ),
    )
    .returning()
    .all();
}

/** A member's sessions that can still be used, last seen first. */
export function listActive(tx: ReadTransaction, userId: string, nowMs: number): SessionRow[] {
  return tx.orm
    .select()
    .from(session)
    .where(and(eq(session.userId, userId), isNull(session.revokedAtMs), gt(session.expiresAtMs, nowMs)))
    .orderBy(desc(session.lastSeenAtMs), desc(session.id))
    .all();
}

/**
 * Whether a revocation of this member has not reached Redis yet, so that only this database can be trusted.
 */
export function hasUnsyncedRevocation(tx: ReadTransaction, userId: string): boolean {
  const found = tx
    .statement<{ one: 1 }>("SELECT 1 AS one FROM session WHERE redis_synced = 0 AND user_id = ? LIMIT 1")
    .get(userId);
  return found !== undefined;
}

/** Revocations still on their way to Redis, oldest first. */
export function listUnsyncedRevocations(tx: ReadTransaction, limit: number): SessionRow[] {
  return tx.orm
    .select()
    .from(session)
    .where(and(sql`redis_synced = 0`, isNotNull(session.revokedAtMs)))
    .orderBy(asc(session.revokedAtMs))
    .limit(limit)
    .all();
}

/** Notes that Redis knows of these revocations. */
export function markRevocationSynced(tx: WriteTransaction, ids: readonly string[]): void {
  if (ids.length === 0) return;
  tx.orm
    .update(session)
    .set({ redisSynced: true })
    .where(inArray(session.id, [...ids]))
    .run();
}

/** Sessions revoked at or after an instant, to be told again to a Redis that may have forgotten. */
export function listRevokedSince(tx: ReadTransaction, sinceMs: number, limit: number): SessionRow[] {
  return tx.orm
    .select()
    .from(session)
    .where(sql`revoked_at is not null and revoked_at >= ${sinceMs}`)
    .orderBy(asc(session.revokedAtMs))
    .limit(limit)
    .all();
}

/**
 * Forgets sessions that expired before an instant, at most `limit`. One whose revocation has not reached
 * Redis stays. Returns how many went.
 */
export function deleteExpired(tx: WriteTransaction, beforeMs: number, limit: number): number {
  return tx
    .statement(
      `DELETE FROM session WHERE id IN (
         SELECT id FROM session WHERE expires_at < ? AND redis_synced = 1 ORDER BY expires_at LIMIT ?)`,
    )
    .run(beforeMs, limit).changes;
}
