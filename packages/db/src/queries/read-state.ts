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
