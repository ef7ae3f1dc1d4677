import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import type { ReportRow } from "../schema/report.ts";
import type { MessageAuthor } from "./message-row.ts";

/** A report with what it is about. */
export type ReportDetails = Pick<
  ReportRow,
  "id" | "messageId" | "reason" | "note" | "excerpt" | "state" | "createdAtMs" | "action" | "resolvedAtMs" | "resolution"
> & {
  room: { id: string; slug: string; name: string };
  /** Whose message it is. */
  author: MessageAuthor;
  reporter: MessageAuthor;
  messageNumber: number;
  isDeleted: boolean;
  resolvedBy: string | null;
};

/** Whose reports: those of every room, or of the rooms this member looks after. */
export type ReportReader = { userId: string; isAdmin: boolean };

const person = (alias: string) => `
  json_object('id', ${alias}.id, 'username', ${alias}.username, 'displayName', ${alias}.display_name,
              'avatarHue', ${alias}.avatar_hue)`;

const DETAILS = `
  SELECT p.id, p.message_id AS messageId, p.reason, p.note, p.excerpt, p.state, p.created_at AS createdAtMs, p.action,
         p.resolved_at AS resolvedAtMs, p.resolution,
         json_object('id', r.id, 'slug', r.slug, 'name', r.name) AS room,
         ${person("a")} AS author, ${person("b")} AS reporter,
         m.number AS messageNumber, m.deleted_at IS NOT NULL AS isDeleted,
         (SELECT display_name FROM user WHERE id = p.resolved_by) AS resolvedBy
    FROM report p JOIN room r ON r.id = p.room_id JOIN message m ON m.id = p.message_id
    JOIN user a ON a.id = m.author_id JOIN user b ON b.id = p.reporter_id`;

const READABLE = `
  (:isAdmin OR p.room_id IN (SELECT room_id FROM room_member WHERE user_id = :userId AND role <> 'member'))`;

type DetailColumns = Omit<ReportDetails, "room" | "author" | "reporter" | "isDeleted"> &
  Record<"room" | "author" | "reporter", string> & { isDeleted: 0 | 1 };

export function hasReported(tx: ReadTransaction, messageId: string, reporterId: string): boolean {
  const found = tx
    .statement<{ one: 1 }>("SELECT 1 AS one FROM report WHERE message_id = ? AND reporter_id = ?")
    .get(messageId, reporterId);
  return found !== undefined;
}

/** Adds a report, unless this member has reported this message before. Returns whether it is new. */
export function insert(
  tx: WriteTransaction,
  input: Pick<ReportRow, "messageId" | "roomId" | "reporterId" | "reason" | "note" | "excerpt"> & {
    id?: string;
    nowMs: number;
  },
): boolean {
  const inserted = tx
    .statement(
      `INSERT INTO report (id, message_id, room_id, reporter_id, reason, note, excerpt, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id, reporter_id) DO NOTHING`,
    )
    .run(
      input.id ?? newId(),
      input.messageId,
      input.roomId,
      input.reporterId,
      input.reason,
      input.note,
      input.excerpt,
      input.nowMs,
    );
  return inserted.changes > 0;
}

/** One report, if this reader may see it. */
export function find(tx: ReadTransaction, id: string, reader: ReportReader): ReportDetails | undefined {
  const row = tx
    .statement<DetailColumns>(`${DETAILS} WHERE p.id = :id AND ${READABLE}`)
    .get({ id, ...parametersOf(reader) });
  return row === undefined ? undefined : toDetails(row);
}

/** A page of reports, the newest first, after one if given. */
export function list(
  tx: ReadTransaction,
  reader: ReportReader,
  input: { state: ReportRow["state"]; before?: string | undefined; limit: number },
): ReportDetails[] {
  return tx
    .statement<DetailColumns>(
      `${DETAILS} WHERE p.state = :state AND ${READABLE}
          AND (:before IS NULL OR (p.created_at, p.id) < (SELECT created_at, id FROM report WHERE id = :before))
        ORDER BY p.created_at DESC, p.id DESC LIMIT :limit`,
    )
    .all({ state: input.state, before: input.before ?? null, limit: input.limit, ...parametersOf(reader) })
    .map(toDetails);
}

/** A text that is another one after any change of the open reports. */
export function mark(tx: ReadTransaction): string {
  const row = tx
    .statement<{ mark: string }>(
      `SELECT (SELECT count(*) FROM report WHERE state = 'open') || ' ' || coalesce(max(rowid), 0) AS mark FROM report`,
    )
    .get();
  return row?.mark ?? "";
}

/** How many reports wait for this reader. */
export function countOpen(tx: ReadTransaction, reader: ReportReader): number {
  const row = tx
    .statement<{ n: number }>(`SELECT count(*) AS n FROM report p WHERE p.state = 'open' AND ${READABLE}`)
    .get(parametersOf(reader));
  return row?.n ?? 0;
}

/** Settles every open report about a message: one decision for all of them. Returns how many there were. */
export function resolveMessage(
  tx: WriteTransaction,
  input: {
    messageId: string;
    action: NonNullable<ReportRow["action"]>;
    resolution: string;
    resolvedBy: string;
    nowMs: number;
  },
): number {
  return tx
    .statement(
      `UPDATE report SET state = 'resolved', action = :action, resolution = :resolution, resolved_by = :resolvedBy,
                         resolved_at = :nowMs
        WHERE message_id = :messageId AND state = 'open'`,
    )
    .run({ ...input }).changes;
}

/** Who is to be told of a room's reports: those who look after it, and all admins. */
export function listReaders(tx: ReadTransaction, roomId: string): string[] {
  return tx
    .statement<{ userId: string }>(
      `SELECT user_id AS userId FROM room_member WHERE room_id = ? AND role <> 'member'
       UNION SELECT id FROM user WHERE role = 'admin'`,
    )
    .all(roomId)
    .map(({ userId }) => userId);
}

function parametersOf({ userId, isAdmin }: ReportReader) {
  return { userId, isAdmin: isAdmin ? 1 : 0 };
}

function toDetails(row: DetailColumns): ReportDetails {
  return {
    ...row,
    room: JSON.parse(row.room) as ReportDetails["room"],
    author: JSON.parse(row.author) as MessageAuthor,
    reporter: JSON.parse(row.reporter) as MessageAuthor,
    isDeleted: row.isDeleted === 1,
  };
}
