import { and, desc, eq, lt, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { audit, type AuditRow } from "../schema/audit.ts";
import type { JsonObject } from "../schema/columns.ts";

/** Adds a line to the audit log. */
export function insert(
  tx: WriteTransaction,
  input: {
    actorId: string | null;
    action: string;
    subjectKind: string;
    subjectId: string;
    details?: JsonObject;
    requestId?: string | null;
    roomId?: string | null;
    nowMs: number;
  },
): AuditRow {
  const { nowMs, ...values } = input;
  return tx.orm
    .insert(audit)
    .values({ ...values, id: newId(), details: input.details ?? {}, atMs: nowMs })
    .returning()
    .get();
}

export function findById(tx: ReadTransaction, id: string): AuditRow | undefined {
  return tx.orm.select().from(audit).where(eq(audit.id, id)).get();
}

/** The log, newest first, after a line if given, of one actor, action or room if asked. */
export function list(
  tx: ReadTransaction,
  options: {
    actorId?: string | undefined;
    action?: string | undefined;
    roomId?: string | undefined;
    after?: { atMs: number; id: string } | undefined;
    limit: number;
  },
): AuditRow[] {
  const { actorId, action, roomId, after, limit } = options;
  return tx.orm
    .select()
    .from(audit)
    .where(
      and(
        actorId === undefined ? undefined : eq(audit.actorId, actorId),
        action === undefined ? undefined : eq(audit.action, action),
        roomId === undefined ? undefined : eq(audit.roomId, roomId),
        after && sql`(${audit.atMs}, ${audit.id}) < (${after.atMs}, ${after.id})`,
      ),
    )
    .orderBy(desc(audit.atMs), desc(audit.id))
    .limit(limit)
    .all();
}

/** Forgets lines older than an instant. */
export function deleteOlder(tx: WriteTransaction, beforeMs: number): number {
  return tx.orm.delete(audit).where(lt(audit.atMs, beforeMs)).run().changes;
}
