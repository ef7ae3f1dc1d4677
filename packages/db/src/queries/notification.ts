import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import type { JsonObject } from "../schema/columns.ts";

/** A line of a member's inbox. */
export interface InboxLine {
  id: string;
  kind: string;
  payload: JsonObject;
  createdAtMs: number;
  readAtMs: number | null;
}

/** A member keeps so many lines; older ones go when a new one comes. */
export const MOST_LINES = 200;

export function insert(
  tx: WriteTransaction,
  input: { userId: string; kind: string; payload: JsonObject; nowMs: number },
): void {
  tx.statement("INSERT INTO notification (id, user_id, kind, payload, created_at) VALUES (?, ?, ?, ?, ?)").run(
    newId(),
    input.userId,
    input.kind,
    JSON.stringify(input.payload),
    input.nowMs,
  );
  tx.statement(
    `DELETE FROM notification WHERE id IN (
       SELECT id FROM notification WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ${MOST_LINES})`,
  ).run(input.userId);
}

/** A page of the inbox, newest first, before a line if given. */
export function list(
  tx: ReadTransaction,
  input: { userId: string; before?: string | undefined; limit: number },
): InboxLine[] {
  return tx
    .statement<Omit<InboxLine, "payload"> & { payload: string }>(
      `SELECT id, kind, payload, created_at AS createdAtMs, read_at AS readAtMs FROM notification
        WHERE user_id = :userId
          AND (:before IS NULL OR (created_at, id) < (SELECT created_at, id FROM notification WHERE id = :before))
        ORDER BY created_at DESC, id DESC LIMIT :limit`,
    )
    .all({ userId: input.userId, before: input.before ?? null, limit: input.limit })
    .map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonObject }));
}

export function countUnread(tx: ReadTransaction, userId: string): number {
  const row = tx
    .statement<{ count: number }>("SELECT count(*) AS count FROM notification WHERE user_id = ? AND read_at IS NULL")
    .get(userId);
  return row?.count ?? 0;
}

/** For each of the members who has lines, a text that is another one after any change of them. One query. */
export function listMarks(tx: ReadTransaction, userIds: readonly string[]): Map<string, string> {
  const rows = tx
    .statement<{ userId: string; mark: string }>(
      `SELECT user_id AS userId, count(*) || ' ' || count(read_at) || ' ' || max(id) AS mark FROM notification
        WHERE user_id IN (SELECT value FROM json_each(?)) GROUP BY user_id`,
    )
    .all(JSON.stringify(userIds));
  return new Map(rows.map(({ userId, mark }) => [userId, mark]));
}

/** Marks lines as read, or all that came until an instant. Returns how many were not. */
export function markRead(
  tx: WriteTransaction,
  input: { userId: string; ids?: readonly string[] | undefined; untilMs: number; nowMs: number },
): number {
  const { userId, ids, untilMs, nowMs } = input;
  return tx
    .statement(
      `UPDATE notification SET read_at = :nowMs
        WHERE user_id = :userId AND read_at IS NULL AND created_at <= :untilMs
          AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))`,
    )
    .run({ userId, untilMs, nowMs, ids: ids === undefined ? null : JSON.stringify(ids) }).changes;
}
