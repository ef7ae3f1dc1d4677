import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { isSha256, jsonColumn, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

/**
 * The durable record of a session; Redis is the fast path to it.
 * `redisSynced` is false while an update, a rotation or a revocation is committed here but not yet known to
 * Redis: until then verification must read this record.
 */
export const session = sqliteTable(
  "session",
  {
    /** What lists, logs and revocations call it. Stays the same through rotations and opens nothing. */
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** Hex of the SHA-256 of the secret that is good now. The secret itself is nowhere. */
    secretDigest: text("secret_digest").notNull(),
    /** Of the secret before the last rotation, good until `previousValidUntilMs`; null before the first. */
    previousDigest: text("previous_digest"),
    previousValidUntilMs: integer("previous_valid_until"),
    /** From 1, one more with every update, rotation and revocation. */
    revision: integer("revision").notNull(),
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
    uniqueIndex("session_secret_digest").on(t.secretDigest),
    uniqueIndex("session_previous_digest")
      .on(t.previousDigest)
      .where(sql`previous_digest is not null`),
    index("session_user").on(t.userId, t.expiresAtMs),
    index("session_expires_at").on(t.expiresAtMs),
    index("session_revoked_at")
      .on(t.revokedAtMs)
      .where(sql`revoked_at is not null`),
    index("session_unsynced")
      .on(t.userId)
      .where(sql`redis_synced = 0`),
    check("session_secret_digest_sha256", isSha256(t.secretDigest)),
    check("session_previous_digest_sha256", isSha256(t.previousDigest)),
    check(
      "session_previous_complete",
      sql`(${t.previousDigest} is null) = (${t.previousValidUntilMs} is null)`,
    ),
    check("session_revision", sql`${t.revision} >= 1`),
    check("session_data_json", sql`json_valid(${t.data})`),
    check("session_redis_synced", sql`${t.redisSynced} in (0, 1)`),
    check("session_expiry_capped", sql`${t.expiresAtMs} <= ${t.absoluteExpiresAtMs}`),
  ],
);

export type SessionRow = typeof session.$inferSelect;
