import { check, index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

export const MAIL_STATES = ["stored", "sent", "failed"] as const;

/**
 * An e-mail, one per idempotency key. `stored` ones are the outbox a developer opens when there is no SMTP.
 */
export const mail = sqliteTable(
  "mail",
  {
    id: idColumn(),
    idempotencyKey: text("idempotency_key").notNull().unique(),
    userId: text("user_id").references(() => user.id, { onDelete: "set null" }),
    template: text("template").notNull(),
    toAddress: text("to_address").notNull(),
    toName: text("to_name").notNull().default(""),
    fromAddress: text("from_address").notNull(),
    subject: text("subject").notNull(),
    text: text("text").notNull(),
    html: text("html").notNull(),
    state: text("state", { enum: MAIL_STATES }).notNull(),
    error: text("error"),
    createdAtMs: timeColumn("created_at").notNull(),
    sentAtMs: timeColumn("sent_at"),
  },
  (t) => [
    index("mail_created_at").on(t.createdAtMs, t.id),
    index("mail_user").on(t.userId),
    check("mail_state", isOneOf(t.state, MAIL_STATES)),
  ],
);

export type MailRow = typeof mail.$inferSelect;
