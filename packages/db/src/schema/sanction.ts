import { check, index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { room } from "./room.ts";
import { user } from "./user.ts";

export const SANCTION_KINDS = ["mute", "kick", "ban"] as const;

/** A measure against a member, in one room or (without a room) on the whole site. */
export const sanction = sqliteTable(
  "sanction",
  {
    id: idColumn(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    roomId: text("room_id").references(() => room.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: SANCTION_KINDS }).notNull(),
    reason: text("reason").notNull(),
    issuedBy: text("issued_by")
      .notNull()
      .references(() => user.id),
    createdAtMs: timeColumn("created_at").notNull(),
    /** Null lasts until it is lifted. */
    expiresAtMs: timeColumn("expires_at"),
    liftedAtMs: timeColumn("lifted_at"),
    liftedBy: text("lifted_by").references(() => user.id),
  },
  (t) => [
    index("sanction_user").on(t.userId, t.roomId),
    index("sanction_room").on(t.roomId),
    check("sanction_kind", isOneOf(t.kind, SANCTION_KINDS)),
  ],
);

export type SanctionRow = typeof sanction.$inferSelect;
