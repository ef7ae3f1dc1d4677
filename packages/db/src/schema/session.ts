import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonColumn, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

/**
 * The durable record of a session; Redis is the fast path to it.
 * `redisSynced` is false while a revocation is committed here but not yet known to Redis: until then
 * verification must read this record.
 */
export const session = sqliteTable(
  "session",
  {
    /** Hex of the SHA-256 of the secret. The secret itself is nowhere. */
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    data: jsonColumn("data").notNull(),
    device: jsonColumn("device"),
    createdAtMs: timeColumn("created_at").notNull(),
    lastSeenAtMs: timeColumn("last_seen_at").notNull(),
    expiresAtMs: timeColumn("expires_at").notNull(),
    absoluteExpiresAtMs: timeColumn("absolute_expires_at").notNull(),
    revokedAtMs: timeColumn("revoked_at"),
    redisSynced: integer("redis_synced", { mode: "boolean" }).notNull().default(true),
  },
  (t) => [
    index("session_user").on(t.userId, t.expiresAtMs),
    index("session_expires_at").on(t.expiresAtMs),
    index("session_revoked_at")
      .on(t.revokedAtMs)
      .where(sql`revoked_at is not null`),
    index("session_unsynced")
      .on(t.userId, t.revokedAtMs)
      .where(sql`redis_synced = 0`),
    check("session_data_json", sql`json_valid(${t.data})`),
    check("session_redis_synced", sql`${t.redisSynced} in (0, 1)`),
    check("session_expiry_capped", sql`${t.expiresAtMs} <= ${t.absoluteExpiresAtMs}`),
  ],
);

export type SessionRow = typeof session.$inferSelect;
