import { sql } from "drizzle-orm";
import { check, index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, jsonColumn, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

/** One line of a member's inbox. */
export const notification = sqliteTable(
  "notification",
  {
    id: idColumn(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    kind: text("kind").notNull(),
    payload: jsonColumn("payload").notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    readAtMs: timeColumn("read_at"),
  },
  (t) => [
    index("notification_user").on(t.userId, t.createdAtMs, t.id),
    index("notification_unread")
      .on(t.userId)
      .where(sql`read_at is null`),
    check("notification_payload_json", sql`json_valid(${t.payload})`),
  ],
);

export type NotificationRow = typeof notification.$inferSelect;
