import { sql } from "drizzle-orm";
import { check, index, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { message } from "./message.ts";
import { room } from "./room.ts";
import { user } from "./user.ts";

export const REPORT_REASONS = ["spam", "harassment", "hate", "violence", "sexual", "private-data", "other"] as const;
export const REPORT_STATES = ["open", "resolved"] as const;
export const REPORT_ACTIONS = ["dismiss", "remove", "mute", "ban", "suspend"] as const;

/** What a member told those who moderate about a message, and what they made of it. */
export const report = sqliteTable(
  "report",
  {
    id: idColumn(),
    messageId: text("message_id")
      .notNull()
      .references(() => message.id, { onDelete: "cascade" }),
    roomId: text("room_id")
      .notNull()
      .references(() => room.id, { onDelete: "cascade" }),
    reporterId: text("reporter_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    reason: text("reason", { enum: REPORT_REASONS }).notNull(),
    note: text("note").notNull().default(""),
    /** The message's text as it stood when it was reported: later edits and deletions leave it. */
    excerpt: text("excerpt").notNull(),
    state: text("state", { enum: REPORT_STATES }).notNull().default("open"),
    createdAtMs: timeColumn("created_at").notNull(),
    action: text("action", { enum: REPORT_ACTIONS }),
    resolvedBy: text("resolved_by").references(() => user.id, { onDelete: "set null" }),
    resolvedAtMs: timeColumn("resolved_at"),
    resolution: text("resolution").notNull().default(""),
  },
  (t) => [
    unique("report_message_reporter").on(t.messageId, t.reporterId),
    index("report_state").on(t.state, t.createdAtMs, t.id),
    index("report_room").on(t.roomId, t.state, t.createdAtMs, t.id),
    index("report_reporter").on(t.reporterId),
    check("report_reason", isOneOf(t.reason, REPORT_REASONS)),
    check("report_state", isOneOf(t.state, REPORT_STATES)),
    check("report_action", isOneOf(t.action, REPORT_ACTIONS)),
    check("report_resolution", sql`(${t.state} = 'resolved') = (${t.resolvedAtMs} is not null)`),
  ],
);

export type ReportRow = typeof report.$inferSelect;
