import { and, asc, desc, eq, gt, inArray, isNull, ne, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import type { JsonObject } from "../schema/columns.ts";
import { session, type SessionRow } from "../schema/session.ts";

export interface NewSession {
  id: string;
  userId: string;
  /** Hex of the SHA-256 of its secret. */
  secretDigest: string;
  /** Both or neither: the digest before, and until when it is good. */
  previousDigest?: string | null;
  previousValidUntilMs?: number | null;
  /** Default 1. */
  revision?: number;
  data: JsonObject;
  device?: JsonObject | null;
  createdAtMs: number;
  lastSeenAtMs?: number;
  expiresAtMs: number;
  absoluteExpiresAtMs: number;
}

/** A state of a session that Redis was told of. */
export interface SyncedRevision {
  id: string;
  revision: number;
}

/** What every change that Redis must be told of writes besides itself. */
const nextRevision = { revision: sql`${session.revision} + 1`, redisSynced: false };

/** Records a new session. */
export function insert(tx: WriteTransaction, input: NewSession): SessionRow {
  const lastSeenAtMs = input.lastSeenAtMs ?? input.createdAtMs;
  return tx.orm
    .insert(session)
    .values({ revision: 1, ...input, lastSeenAtMs })
    .returning()
    .get();
}

/** The record, revoked and expired ones included: the caller judges by its times. */
export function findById(tx: ReadTransaction, id: string): SessionRow | undefined {
  return tx.orm.select().from(session).where(eq(session.id, id)).get();
}

/**
 * The live session of this member whose current or previous secret has this digest. The caller judges whether
 * the previous one is still good.
 */
export function findByDigest(
  tx: ReadTransaction,
  userId: string,
  digest: string,
  nowMs: number,
): SessionRow | undefined {
  const findBy = (column: typeof session.secretDigest | typeof session.previousDigest) =>
    tx.orm
      .select()
      .from(session)
      .where(and(eq(column, digest), isLiveOf(userId, nowMs)))
      .get();
  return findBy(session.secretDigest) ?? findBy(session.previousDigest);
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
  // Every session in use comes by here once a minute, so the text is prepared once.
  const changed = tx
    .statement(
      `UPDATE session
          SET last_seen_at = max(last_seen_at, :lastSeenAtMs),
              expires_at = min(max(expires_at, :expiresAtMs), absolute_expires_at)
        WHERE id = :id AND revoked_at IS NULL`,
    )
    .run({ id, lastSeenAtMs: times.lastSeenAtMs, expiresAtMs: times.expiresAtMs });
  return changed.changes > 0;
}

/**
 * Replaces data and device of a live session, if it is at the revision that was read. Returns the record as it is now,
 * one revision on and unsynced; undefined where nothing was changed.
 */
export function update(
  tx: WriteTransaction,
  target: { userId: string; id: string; revision: number },
  change: { data: JsonObject; device: JsonObject | null },
  nowMs: number,
): SessionRow | undefined {
  return tx.orm
    .update(session)
    .set({ ...change, ...nextRevision })
    .where(
      and(eq(session.id, target.id), eq(session.revision, target.revision), isLiveOf(target.userId, nowMs)),
    )
    .returning()
    .get();
}

/**
 * Gives a live session another secret, if its secret is still `from`, which then stays good until
 * `previousValidUntilMs`. Returns the record as it is now, one revision on and unsynced; undefined where nothing
 * was changed.
 */
export function rotate(
  tx: WriteTransaction,
  target: { userId: string; id: string },
  change: { from: string; to: string; previousValidUntilMs: number },
  nowMs: number,
): SessionRow | undefined {
  const { from, to, previousValidUntilMs } = change;
  return tx.orm
    .update(session)
    .set({ secretDigest: to, previousDigest: from, previousValidUntilMs, ...nextRevision })
    .where(
      and(eq(session.id, target.id), eq(session.secretDigest, from), isLiveOf(target.userId, nowMs)),
    )
    .returning()
    .get();
}

/**
 * Revokes a session for good. Returns the record if this call revoked it, undefined if there was nothing to
 * revoke.
 */
export function revoke(tx: WriteTransaction, id: string, nowMs: number): SessionRow | undefined {
  return tx.orm
    .update(session)
    .set({ revokedAtMs: nowMs, ...nextRevision })
    .where(and(eq(session.id, id), isNull(session.revokedAtMs)))
    .returning()
    .get();
}

/** Revokes the live sessions of a member: all, only `ids`, or all but `exceptId`. Returns what it revoked. */
export function revokeLive(
  tx: WriteTransaction,
  userId: string,
  options: { nowMs: number; ids?: readonly string[]; exceptId?: string },
): SessionRow[] {
  const { nowMs, ids, exceptId } = options;
  return tx.orm
    .update(session)
    .set({ revokedAtMs: nowMs, ...nextRevision })
    .where(
      and(
        isLiveOf(userId, nowMs),
        ids === undefined ? undefined : inArray(session.id, [...ids]),
        exceptId === undefined ? undefined : ne(session.id, exceptId),
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
    .where(isLiveOf(userId, nowMs))
    .orderBy(desc(session.lastSeenAtMs), desc(session.id))
    .all();
}

/** Whether a change of this member's sessions has not reached Redis yet, so that only this database is right. */
export function hasUnsynced(tx: ReadTransaction, userId: string): boolean {
  const found = tx
    .statement<{ one: 1 }>("SELECT 1 AS one FROM session WHERE redis_synced = 0 AND user_id = ? LIMIT 1")
    .get(userId);
  return found !== undefined;
}

/** Sessions with a change still on its way to Redis: all of one member, or at most `limit` of everybody. */
export function listUnsynced(tx: ReadTransaction, of: { userId: string } | { limit: number }): SessionRow[] {
  const unsynced = tx.orm
    .select()
    .from(session)
    .where(and(sql`redis_synced = 0`, "userId" in of ? eq(session.userId, of.userId) : undefined));
  return "limit" in of ? unsynced.limit(of.limit).all() : unsynced.all();
}

/** Notes that Redis knows of these revisions. A session that has changed since stays unsynced. */
export function markSynced(tx: WriteTransaction, revisions: readonly SyncedRevision[]): void {
  for (const { id, revision } of revisions) {
    tx.orm
      .update(session)
      .set({ redisSynced: true })
      .where(and(eq(session.id, id), eq(session.revision, revision)))
      .run();
  }
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
 * Forgets sessions that expired before an instant, at most `limit`. One with a change that has not reached
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

function isLiveOf(userId: string, nowMs: number) {
  return and(eq(session.userId, userId), isNull(session.revokedAtMs), gt(session.expiresAtMs, nowMs));
}
