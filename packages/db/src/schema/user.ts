import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";

export const USER_ROLES = ["member", "admin"] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** A member. `searchText` is the normalised text `userQueries.search` looks in. */
export const user = sqliteTable(
  "user",
  {
    id: idColumn(),
    /** Lower-case handle, unique. */
    username: text("username").notNull().unique(),
    displayName: text("display_name").notNull(),
    /** As the member typed it; `emailNormalized` decides whether two are the same. */
    email: text("email").notNull(),
    emailNormalized: text("email_normalized").notNull().unique(),
    emailVerifiedAtMs: timeColumn("email_verified_at"),
    passwordHash: text("password_hash").notNull(),
    role: text("role", { enum: USER_ROLES }).notNull().default("member"),
    bio: text("bio").notNull().default(""),
    /** Hue of the avatar's background, 0 to 359. */
    avatarHue: integer("avatar_hue").notNull(),
    searchText: text("search_text").notNull(),
    disabledAtMs: timeColumn("disabled_at"),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    index("user_created_at").on(t.createdAtMs),
    check(
      "user_username_lower",
      sql`${t.username} = lower(${t.username}) and length(${t.username}) between 1 and 64`,
    ),
    check("user_role", isOneOf(t.role, USER_ROLES)),
    check("user_avatar_hue", sql`${t.avatarHue} between 0 and 359`),
  ],
);

export type UserRow = typeof user.$inferSelect;
