import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

export const ROOM_VISIBILITIES = ["public", "private"] as const;
export const ROOM_ROLES = ["owner", "moderator", "member"] as const;

/**
 * A chat room and the heads of its two counters: `headSeq` numbers every event, `headMessageNumber` only
 * messages, so that an edit makes nothing unread. Both rise only inside the transaction that writes the
 * event, hence commit order is `seq` order and there is no gap. `epoch` changes only when the log is rebuilt.
 */
export const room = sqliteTable(
  "room",
  {
    id: idColumn(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    topic: text("topic").notNull().default(""),
    visibility: text("visibility", { enum: ROOM_VISIBILITIES }).notNull().default("public"),
    epoch: text("epoch").notNull(),
    headSeq: integer("head_seq").notNull().default(0),
    headMessageNumber: integer("head_message_number").notNull().default(0),
    /** The lowest `seq` still in the log; older events were trimmed. */
    minSeq: integer("min_seq").notNull().default(1),
    /** Kept by `join` and `leave` in their own transaction. */
    memberCount: integer("member_count").notNull().default(0),
    createdBy: text("created_by").references(() => user.id, { onDelete: "set null" }),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
    /** Of a conversation of two members: their ids, sorted, so that there is one for each pair. Else null. */
    directKey: text("direct_key"),
    /** A plain member waits so many seconds between two messages. 0: not at all. */
    slowModeSec: integer("slow_mode_sec").notNull().default(0),
    /** Since then it is read and no longer written. */
    archivedAtMs: timeColumn("archived_at"),
  },
  (t) => [
    uniqueIndex("room_direct_key").on(t.directKey),
    check("room_visibility", isOneOf(t.visibility, ROOM_VISIBILITIES)),
    check("room_heads", sql`${t.headSeq} >= ${t.headMessageNumber} and ${t.headMessageNumber} >= 0`),
    check("room_min_seq", sql`${t.minSeq} between 1 and ${t.headSeq} + 1`),
    check("room_member_count", sql`${t.memberCount} >= 0`),
  ],
);

export const roomMember = sqliteTable(
  "room_member",
  {
    roomId: text("room_id")
      .notNull()
      .references(() => room.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role", { enum: ROOM_ROLES }).notNull().default("member"),
    joinedAtMs: timeColumn("joined_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.roomId, t.userId] }),
    index("room_member_user").on(t.userId, t.roomId),
    check("room_member_role", isOneOf(t.role, ROOM_ROLES)),
  ],
);

/** How far a member has read: unread = `room.headMessageNumber - lastReadNumber`. It never goes back. */
export const readState = sqliteTable(
  "read_state",
  {
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    roomId: text("room_id")
      .notNull()
      .references(() => room.id, { onDelete: "cascade" }),
    lastReadNumber: integer("last_read_number").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.roomId] }),
    index("read_state_room").on(t.roomId),
    check("read_state_number", sql`${t.lastReadNumber} >= 0`),
  ],
);

export type RoomRow = typeof room.$inferSelect;
export type RoomMemberRow = typeof roomMember.$inferSelect;
export type ReadStateRow = typeof readState.$inferSelect;
