import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, jsonColumn } from "./columns.ts";
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
  },
  (t) => [
    index("audit_at").on(t.atMs, t.id),
    index("audit_actor").on(t.actorId, t.atMs),
    index("audit_subject").on(t.subjectKind, t.subjectId, t.atMs),
    check("audit_details_json", sql`json_valid(${t.details})`),
  ],
);

export type AuditRow = typeof audit.$inferSelect;
