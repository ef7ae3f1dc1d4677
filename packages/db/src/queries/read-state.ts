import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";

/**
 * Notes that a member has read up to a message. It never goes back (another tab may be ahead) and never
 * passes the room's last message. Returns where it stands now, or undefined if the room does not exist.
 */
export function markRead(
  tx: WriteTransaction,
  input: { userId: string; roomId: string; number: number; nowMs: number },
): number | undefined {
  return tx
    .statement<{ lastReadNumber: number }>(
      `INSERT INTO read_state (user_id, room_id, last_read_number, updated_at)
       SELECT :userId, id, max(0, min(:number, head_message_number)), :nowMs FROM room WHERE id = :roomId
       ON CONFLICT (user_id, room_id) DO UPDATE SET
         updated_at = iif(excluded.last_read_number > last_read_number, excluded.updated_at, updated_at),
         last_read_number = max(last_read_number, excluded.last_read_number)
       RETURNING last_read_number AS lastReadNumber`,
    )
    .get({ userId: input.userId, roomId: input.roomId, number: input.number, nowMs: input.nowMs })
    ?.lastReadNumber;
}

/**
 * A number that changes with the rooms a member is in, what he may do there and how far he has read: the same on every
 * device and after every reconnect.
 */
export function revisionOf(tx: ReadTransaction, userId: string): number {
  return (
    tx
      .statement<{ revision: number | null }>(
        `SELECT sum(m.joined_at + 1000003 * length(m.role) + coalesce(s.last_read_number, 0)) AS revision
           FROM room_member m LEFT JOIN read_state s ON s.user_id = m.user_id AND s.room_id = m.room_id
          WHERE m.user_id = ?`,
      )
      .get(userId)?.revision ?? 0
  );
}

/** How far a member has read in a room: a message number, 0 if nothing. */
export function lastRead(tx: ReadTransaction, userId: string, roomId: string): number {
  return (
    tx
      .statement<{ n: number }>(
        "SELECT last_read_number AS n FROM read_state WHERE user_id = ? AND room_id = ?",
      )
      .get(userId, roomId)?.n ?? 0
  );
}
