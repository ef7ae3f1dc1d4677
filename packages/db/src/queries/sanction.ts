import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import type { SanctionRow } from "../schema/sanction.ts";
import type { MessageAuthor } from "./message-row.ts";

/** Whom a measure is about: a member in one room, or (without a room) on the whole site. */
export interface SanctionTarget {
  userId: string;
  roomId: string | null;
  kind: SanctionRow["kind"];
}

/** A measure that stands, with whom it is about. */
export interface StandingSanction {
  user: MessageAuthor;
  reason: string;
  createdAtMs: number;
  expiresAtMs: number | null;
}

const OF_TARGET = "user_id = :userId AND room_id IS :roomId AND kind = :kind AND lifted_at IS NULL";
const COLUMNS = `id, user_id AS userId, room_id AS roomId, kind, reason, issued_by AS issuedBy,
  created_at AS createdAtMs, expires_at AS expiresAtMs, lifted_at AS liftedAtMs, lifted_by AS liftedBy`;

/** The measure that stands at an instant, if one does. */
export function findStanding(tx: ReadTransaction, target: SanctionTarget, nowMs: number): SanctionRow | undefined {
  const { userId, roomId, kind } = target;
  return tx
    .statement<SanctionRow>(
      `SELECT ${COLUMNS} FROM sanction WHERE ${OF_TARGET} AND (expires_at IS NULL OR expires_at > :nowMs)`,
    )
    .get({ userId, roomId, kind, nowMs });
}

/** Takes a measure in place of the one that stood: there is one of a kind for each member and room. */
export function impose(
  tx: WriteTransaction,
  input: SanctionTarget & { reason: string; issuedBy: string; expiresAtMs: number | null; nowMs: number },
): void {
  lift(tx, { ...input, liftedBy: input.issuedBy });
  tx.statement(
    `INSERT INTO sanction (id, user_id, room_id, kind, reason, issued_by, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    newId(),
    input.userId,
    input.roomId,
    input.kind,
    input.reason,
    input.issuedBy,
    input.nowMs,
    input.expiresAtMs,
  );
}

/** Ends a measure. Returns whether one stood, be it past its time. */
export function lift(tx: WriteTransaction, input: SanctionTarget & { liftedBy: string; nowMs: number }): boolean {
  const { userId, roomId, kind, liftedBy, nowMs } = input;
  const lifted = tx
    .statement(`UPDATE sanction SET lifted_at = :nowMs, lifted_by = :liftedBy WHERE ${OF_TARGET}`)
    .run({ userId, roomId, kind, liftedBy, nowMs });
  return lifted.changes > 0;
}

/** The measures of a kind that stand in a room, the newest first, at most `limit`. */
export function listStanding(
  tx: ReadTransaction,
  input: { roomId: string; kind: SanctionRow["kind"]; nowMs: number; limit: number },
): StandingSanction[] {
  return tx
    .statement<Omit<StandingSanction, "user"> & { user: string }>(
      `SELECT json_object('id', u.id, 'username', u.username, 'displayName', u.display_name,
                          'avatarHue', u.avatar_hue) AS user,
              s.reason, s.created_at AS createdAtMs, s.expires_at AS expiresAtMs
         FROM sanction s JOIN user u ON u.id = s.user_id
        WHERE s.room_id = :roomId AND s.kind = :kind AND s.lifted_at IS NULL
          AND (s.expires_at IS NULL OR s.expires_at > :nowMs)
        ORDER BY s.created_at DESC, s.id DESC LIMIT :limit`,
    )
    .all({ ...input })
    .map((row) => ({ ...row, user: JSON.parse(row.user) as MessageAuthor }));
}
