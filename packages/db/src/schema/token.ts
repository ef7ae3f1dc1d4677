import { sql } from "drizzle-orm";
import { check, index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, jsonColumn, timeColumn, type Json } from "./columns.ts";
import { user } from "./user.ts";

export const ONE_TIME_PURPOSES = ["reset-password", "verify-email", "change-email"] as const;

/** A secret sent by e-mail, good for one use. */
export const oneTimeToken = sqliteTable(
  "one_time_token",
  {
    /** Hex of the SHA-256 of the secret. */
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    purpose: text("purpose", { enum: ONE_TIME_PURPOSES }).notNull(),
    payload: jsonColumn("payload").notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    expiresAtMs: timeColumn("expires_at").notNull(),
    usedAtMs: timeColumn("used_at"),
  },
  (t) => [
    index("one_time_token_user").on(t.userId, t.purpose),
    index("one_time_token_expires_at").on(t.expiresAtMs),
    check("one_time_token_purpose", isOneOf(t.purpose, ONE_TIME_PURPOSES)),
    check("one_time_token_payload_json", sql`json_valid(${t.payload})`),
  ],
);

/** A long-lived token a member made for a program. */
export const apiToken = sqliteTable(
  "api_token",
  {
    id: idColumn(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** Hex of the SHA-256 of the secret. */
    secretHash: text("secret_hash").notNull().unique(),
    scopes: text("scopes", { mode: "json" }).$type<Json[]>().notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    lastUsedAtMs: timeColumn("last_used_at"),
    expiresAtMs: timeColumn("expires_at"),
    revokedAtMs: timeColumn("revoked_at"),
  },
  (t) => [
    index("api_token_user").on(t.userId, t.createdAtMs),
    check("api_token_scopes_json", sql`json_valid(${t.scopes})`),
  ],
);

export type OneTimeTokenRow = typeof oneTimeToken.$inferSelect;
export type ApiTokenRow = typeof apiToken.$inferSelect;
