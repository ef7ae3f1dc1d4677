import { eq } from "drizzle-orm";
import { RowNotFound } from "../database/errors.ts";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { room, type RoomMemberRow, type RoomRow } from "../schema/room.ts";
import type { MessageAuthor } from "./message-row.ts";
import type { UserSummary } from "./user.ts";

/** A room as one member sees it. `unread` is 0 for who is not a member. */
export type RoomForUser = Omit<RoomRow, "directKey"> & {
  /** The other one, where the room is a conversation of two. */
  partner: MessageAuthor | null;
  isMember: boolean;
  memberRole: RoomMemberRow["role"] | null;
  lastReadNumber: number;
  unread: number;
  /** The mute and the ban that were given him here and not lifted. The caller judges by their end. */
  mute: RoomSanction | null;
  ban: RoomSanction | null;
};

/** A measure that was not lifted. `expiresAtMs` null: until it is. */
export interface RoomSanction {
  reason: string;
  expiresAtMs: number | null;
}

/** Where a room's log stands. Events `minSeq` to `headSeq` can be replayed under this `epoch`. */
export interface RoomHead {
  roomId: string;
  epoch: string;
  headSeq: number;
  minSeq: number;
  headMessageNumber: number;
}

export interface NewRoom {
  id?: string;
  slug: string;
  name: string;
  topic?: string;
  visibility?: RoomRow["visibility"];
  /** Default: a new one. */
  epoch?: string;
  createdBy?: string;
  /** Of a conversation of two: see `directKeyOf`. */
  directKey?: string;
  nowMs: number;
}

export type RoomMember = UserSummary & {
  roomRole: RoomMemberRow["role"];
  joinedAtMs: number;
  /** Not lifted. The caller judges by its end. */
  mute: RoomSanction | null;
};

const sanctionOf = (kind: "mute" | "ban") => `
  (SELECT json_object('reason', reason, 'expiresAtMs', expires_at) FROM sanction
    WHERE user_id = :userId AND room_id = r.id AND kind = '${kind}' AND lifted_at IS NULL)`;

const ROOM_FOR_USER = `
  SELECT r.id, r.slug, r.name, r.topic, r.visibility, r.epoch, r.head_seq AS headSeq,
         r.head_message_number AS headMessageNumber, r.min_seq AS minSeq, r.member_count AS memberCount,
         r.created_by AS createdBy, r.created_at AS createdAtMs, r.updated_at AS updatedAtMs,
         (SELECT json_object('id', u.id, 'username', u.username, 'displayName', u.display_name,
                             'avatarHue', u.avatar_hue)
            FROM room_member o JOIN user u ON u.id = o.user_id
           WHERE r.direct_key IS NOT NULL AND o.room_id = r.id AND o.user_id <> :userId) AS partner,
         r.slow_mode_sec AS slowModeSec, r.archived_at AS archivedAtMs,
         ${sanctionOf("mute")} AS mute, ${sanctionOf("ban")} AS ban,
         m.role AS memberRole, coalesce(s.last_read_number, 0) AS lastReadNumber
    FROM room r
    LEFT JOIN room_member m ON m.room_id = r.id AND m.user_id = :userId
    LEFT JOIN read_state s ON s.room_id = r.id AND s.user_id = :userId`;

type RoomForUserColumns = Omit<RoomForUser, "isMember" | "unread" | "partner" | "mute" | "ban"> &
  Record<"partner" | "mute" | "ban", string | null>;

/** What names the conversation of two members, whoever begins it. */
export function directKeyOf(one: string, other: string): string {
  return [one, other].toSorted().join("+");
}

export function create(tx: WriteTransaction, input: NewRoom): RoomRow {
  return tx.orm
    .insert(room)
    .values({
      id: input.id ?? newId(),
      slug: input.slug,
      name: input.name,
      topic: input.topic ?? "",
      visibility: input.visibility ?? "public",
      epoch: input.epoch ?? newId(),
      createdBy: input.createdBy ?? null,
      directKey: input.directKey ?? null,
      createdAtMs: input.nowMs,
      updatedAtMs: input.nowMs,
    })
    .returning()
    .get();
}

/**
 * The rooms a member may see (public ones and his own), by name, each with what he has not read. O(1) a room. Those in
 * use, or those that were archived.
 */
export function listForUser(tx: ReadTransaction, userId: string, { archived = false } = {}): RoomForUser[] {
  return tx
    .statement<RoomForUserColumns>(
      `${ROOM_FOR_USER}
        WHERE (r.visibility = 'public' OR m.user_id IS NOT NULL) AND (r.archived_at IS NOT NULL) = :archived
        ORDER BY r.name, r.id`,
    )
    .all({ userId, archived: archived ? 1 : 0 })
    .map(toRoomForUser);
}

/** One room as a member sees it; a private room he is not in does not exist for him. */
export function findForUser(
  tx: ReadTransaction,
  which: { slug: string } | { id: string },
  userId: string,
): RoomForUser | undefined {
  const visible = "(r.visibility = 'public' OR m.user_id IS NOT NULL)";
  const column = "slug" in which ? "r.slug" : "r.id";
  const row = tx
    .statement<RoomForUserColumns>(`${ROOM_FOR_USER} WHERE ${column} = :key AND ${visible}`)
    .get({ userId, key: "slug" in which ? which.slug : which.id });
  return row === undefined ? undefined : toRoomForUser(row);
}

export function findById(tx: ReadTransaction, id: string): RoomRow | undefined {
  return tx.orm.select().from(room).where(eq(room.id, id)).get();
}

export function findByDirectKey(tx: ReadTransaction, directKey: string): RoomRow | undefined {
  return tx.orm.select().from(room).where(eq(room.directKey, directKey)).get();
}

export interface RoomChanges {
  name?: string | undefined;
  topic?: string | undefined;
  visibility?: RoomRow["visibility"] | undefined;
  slowModeSec?: number | undefined;
  archivedAtMs?: number | null | undefined;
}

/** Changes how a room is kept: what it is called and about, who sees it, how fast it goes. */
export function update(tx: WriteTransaction, id: string, changes: RoomChanges & { nowMs: number }): void {
  const { nowMs, ...fields } = changes;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  tx.orm
    .update(room)
    .set({ ...Object.fromEntries(given), updatedAtMs: nowMs })
    .where(eq(room.id, id))
    .run();
}

/** What a member may do in a room; undefined if he is none of its members. */
export function findRole(tx: ReadTransaction, roomId: string, userId: string): RoomMemberRow["role"] | undefined {
  return tx
    .statement<{ role: RoomMemberRow["role"] }>("SELECT role FROM room_member WHERE room_id = ? AND user_id = ?")
    .get(roomId, userId)?.role;
}

/** Returns false if he is none of its members. */
export function setRole(
  tx: WriteTransaction,
  input: { roomId: string; userId: string; role: RoomMemberRow["role"] },
): boolean {
  const changed = tx
    .statement("UPDATE room_member SET role = ? WHERE room_id = ? AND user_id = ?")
    .run(input.role, input.roomId, input.userId);
  return changed.changes > 0;
}

/** Makes the owner a moderator, to make way for another one. */
export function demoteOwner(tx: WriteTransaction, roomId: string): void {
  tx.statement("UPDATE room_member SET role = 'moderator' WHERE room_id = ? AND role = 'owner'").run(roomId);
}

export function findBySlug(tx: ReadTransaction, slug: string): RoomRow | undefined {
  return tx.orm.select().from(room).where(eq(room.slug, slug)).get();
}

export function isMember(tx: ReadTransaction, roomId: string, userId: string): boolean {
  const found = tx
    .statement<{ one: 1 }>("SELECT 1 AS one FROM room_member WHERE room_id = ? AND user_id = ?")
    .get(roomId, userId);
  return found !== undefined;
}

/** Those of the given users who are members. */
export function listMembersAmong(tx: ReadTransaction, roomId: string, userIds: readonly string[]): string[] {
  return tx
    .statement<{ userId: string }>(
      `SELECT user_id AS userId FROM room_member
        WHERE room_id = ? AND user_id IN (SELECT value FROM json_each(?))`,
    )
    .all(roomId, JSON.stringify(userIds))
    .map(({ userId }) => userId);
}

/** Whether someone looks after any room, as its owner or a moderator. */
export function looksAfterAny(tx: ReadTransaction, userId: string): boolean {
  const found = tx
    .statement<{ one: 1 }>("SELECT 1 AS one FROM room_member WHERE user_id = ? AND role <> 'member' LIMIT 1")
    .get(userId);
  return found !== undefined;
}

/** Makes someone a member. What was said before counts as read. Returns false if he was one already. */
export function join(
  tx: WriteTransaction,
  input: { roomId: string; userId: string; role?: RoomMemberRow["role"]; nowMs: number },
): boolean {
  const head = findHead(tx, input.roomId);
  if (head === undefined) throw new RowNotFound("room", input.roomId);
  const joined = tx
    .statement(
      `INSERT INTO room_member (room_id, user_id, role, joined_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(input.roomId, input.userId, input.role ?? "member", input.nowMs);
  if (joined.changes === 0) return false;
  tx.statement("UPDATE room SET member_count = member_count + 1 WHERE id = ?").run(input.roomId);
  tx.statement(
    `INSERT INTO read_state (user_id, room_id, last_read_number, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last_read_number = max(last_read_number, excluded.last_read_number)`,
  ).run(input.userId, input.roomId, head.headMessageNumber, input.nowMs);
  return true;
}

/** Ends a membership. Returns false if there was none. */
export function leave(tx: WriteTransaction, input: { roomId: string; userId: string }): boolean {
  const left = tx
    .statement("DELETE FROM room_member WHERE room_id = ? AND user_id = ?")
    .run(input.roomId, input.userId);
  if (left.changes === 0) return false;
  tx.statement("UPDATE room SET member_count = member_count - 1 WHERE id = ?").run(input.roomId);
  return true;
}

const HEAD = `
  SELECT id AS roomId, epoch, head_seq AS headSeq, min_seq AS minSeq, head_message_number AS headMessageNumber
    FROM room`;

/** Where a room's log stands in this snapshot. */
export function findHead(tx: ReadTransaction, roomId: string): RoomHead | undefined {
  return tx.statement<RoomHead>(`${HEAD} WHERE id = ?`).get(roomId);
}

/** Where the logs of these rooms stand, in one query; unknown rooms are left out. */
export function listHeads(tx: ReadTransaction, roomIds: readonly string[]): RoomHead[] {
  return tx
    .statement<RoomHead>(`${HEAD} WHERE id IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(roomIds));
}

/** The head `seq` of each of these rooms. */
export function heads(tx: ReadTransaction, roomIds: readonly string[]): Map<string, number> {
  return new Map(listHeads(tx, roomIds).map((head) => [head.roomId, head.headSeq]));
}

/** The members of a room by handle, after a handle. */
export function listMembers(
  tx: ReadTransaction,
  roomId: string,
  options: { afterUsername?: string; limit?: number } = {},
): RoomMember[] {
  return tx
    .statement<Omit<RoomMember, "mute"> & { mute: string | null }>(
      `SELECT u.id, u.username, u.display_name AS displayName, u.role, u.avatar_hue AS avatarHue,
              u.created_at AS createdAtMs, m.role AS roomRole, m.joined_at AS joinedAtMs,
              (SELECT json_object('reason', reason, 'expiresAtMs', expires_at) FROM sanction
                WHERE user_id = u.id AND room_id = m.room_id AND kind = 'mute' AND lifted_at IS NULL) AS mute
         FROM room_member m JOIN user u ON u.id = m.user_id
        WHERE m.room_id = ? AND u.username > ? ORDER BY u.username LIMIT ?`,
    )
    .all(roomId, options.afterUsername ?? "", options.limit ?? 100)
    .map((row) => ({ ...row, mute: parseSanction(row.mute) }));
}

/** The rooms someone is a member of. */
export function listIdsOfMember(tx: ReadTransaction, userId: string): string[] {
  return tx
    .statement<{ roomId: string }>(
      "SELECT room_id AS roomId FROM room_member WHERE user_id = ? ORDER BY room_id",
    )
    .all(userId)
    .map((row) => row.roomId);
}

function toRoomForUser(row: RoomForUserColumns): RoomForUser {
  const isMemberOfRoom = row.memberRole !== null;
  const unread = isMemberOfRoom ? Math.max(0, row.headMessageNumber - row.lastReadNumber) : 0;
  return {
    ...row,
    partner: row.partner === null ? null : (JSON.parse(row.partner) as MessageAuthor),
    mute: parseSanction(row.mute),
    ban: parseSanction(row.ban),
    isMember: isMemberOfRoom,
    unread,
  };
}

function parseSanction(text: string | null): RoomSanction | null {
  return text === null ? null : (JSON.parse(text) as RoomSanction);
}
