import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, jsonColumn } from "./columns.ts";
import { room } from "./room.ts";
import { user } from "./user.ts";

/** Who did what to whom: sign-ins, refusals and every act of an administrator. */
export const audit = sqliteTable(
  "audit",
  {
    id: idColumn(),
    /** Null when nobody was signed in. */
    actorId: text("actor_id").references(() => user.id, { onDelete: "set null" }),
    /** Such as `auth.sign-in` or `room.ban`. */
    action: text("action").notNull(),
    subjectKind: text("subject_kind").notNull(),
    subjectId: text("subject_id").notNull(),
    details: jsonColumn("details").notNull(),
    requestId: text("request_id"),
    atMs: integer("at").notNull(),
    /** The room it happened in, if any: those who look after it may read it. */
    roomId: text("room_id").references(() => room.id, { onDelete: "set null" }),
  },
  (t) => [
    index("audit_at").on(t.atMs, t.id),
    index("audit_actor").on(t.actorId, t.atMs),
    index("audit_subject").on(t.subjectKind, t.subjectId, t.atMs),
    index("audit_room")
      .on(t.roomId, t.atMs, t.id)
      .where(sql`room_id is not null`),
    check("audit_details_json", sql`json_valid(${t.details})`),
  ],
);

export type AuditRow = typeof audit.$inferSelect;
