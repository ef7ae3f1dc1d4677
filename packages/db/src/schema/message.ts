import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, jsonColumn, timeColumn } from "./columns.ts";
import { room } from "./room.ts";
import { user } from "./user.ts";

export const ROOM_EVENT_KINDS = ["message", "edit", "delete", "reaction", "pin", "unpin"] as const;
export type RoomEventKind = (typeof ROOM_EVENT_KINDS)[number];

/** A message as it stands now. A deleted one keeps its place and loses its body. */
export const message = sqliteTable(
  "message",
  {
    id: idColumn(),
    roomId: text("room_id")
      .notNull()
      .references(() => room.id, { onDelete: "cascade" }),
    /** Ordinal among the room's messages, from 1, without gaps. */
    number: integer("number").notNull(),
    /** The `seq` of the event that created it. */
    seq: integer("seq").notNull(),
    /** The `seq` of the last event that changed it. */
    lastSeq: integer("last_seq").notNull(),
    authorId: text("author_id")
      .notNull()
      .references(() => user.id),
    body: text("body").notNull(),
    replyToId: text("reply_to_id"),
    /** Chosen by the sender, who may send the same message again without a second one appearing. */
    clientMessageId: text("client_message_id"),
    createdAtMs: timeColumn("created_at").notNull(),
    editedAtMs: timeColumn("edited_at"),
    deletedAtMs: timeColumn("deleted_at"),
    /** Its row in the search index: rises with every message of the installation, in the order they were stored. */
    searchId: integer("search_id"),
    pinnedAtMs: timeColumn("pinned_at"),
    pinnedBy: text("pinned_by").references(() => user.id, { onDelete: "set null" }),
  },
  (t) => [
    uniqueIndex("message_search_id").on(t.searchId),
    unique("message_room_number").on(t.roomId, t.number),
    unique("message_author_client_id").on(t.authorId, t.clientMessageId),
    foreignKey({
      name: "message_reply_to",
      columns: [t.replyToId],
      foreignColumns: [t.id],
    }).onDelete("set null"),
    index("message_reply_to_id")
      .on(t.replyToId)
      .where(sql`reply_to_id is not null`),
    // Slow mode asks for a member's newest message in a room at every send.
    index("message_author_room").on(t.authorId, t.roomId, t.number),
    index("message_pinned")
      .on(t.roomId, t.pinnedAtMs)
      .where(sql`pinned_at is not null`),
    check("message_counters", sql`${t.number} >= 1 and ${t.seq} >= ${t.number} and ${t.lastSeq} >= ${t.seq}`),
    check("message_deleted_body", sql`${t.deletedAtMs} is null or ${t.body} = ''`),
  ],
);

/** The room's log: every change, numbered without gaps. It is the truth that live streams replay. */
export const roomEvent = sqliteTable(
  "room_event",
  {
    roomId: text("room_id")
      .notNull()
      .references(() => room.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    kind: text("kind", { enum: ROOM_EVENT_KINDS }).notNull(),
    messageId: text("message_id")
      .notNull()
      .references(() => message.id, { onDelete: "cascade" }),
    actorId: text("actor_id")
      .notNull()
      .references(() => user.id),
    payload: jsonColumn("payload"),
    atMs: integer("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.roomId, t.seq] }),
    index("room_event_message").on(t.messageId),
    index("room_event_actor").on(t.actorId),
    check("room_event_kind", isOneOf(t.kind, ROOM_EVENT_KINDS)),
    check("room_event_seq", sql`${t.seq} >= 1`),
    check("room_event_payload_json", sql`${t.payload} is null or json_valid(${t.payload})`),
  ],
);

export const reaction = sqliteTable(
  "reaction",
  {
    messageId: text("message_id")
      .notNull()
      .references(() => message.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    emoji: text("emoji").notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.userId, t.emoji] }),
    index("reaction_user").on(t.userId),
    check("reaction_emoji", sql`length(${t.emoji}) between 1 and 32`),
  ],
);

/** A member named in a message with `@username`. */
export const mention = sqliteTable(
  "mention",
  {
    messageId: text("message_id")
      .notNull()
      .references(() => message.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    createdAtMs: timeColumn("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.userId] }),
    index("mention_user").on(t.userId, t.createdAtMs),
  ],
);

export type MessageRow = typeof message.$inferSelect;
export type RoomEventRow = typeof roomEvent.$inferSelect;
export type ReactionRow = typeof reaction.$inferSelect;
export type MentionRow = typeof mention.$inferSelect;
