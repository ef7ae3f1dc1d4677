import { sql } from "drizzle-orm";
import { check, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { timeColumn } from "./columns.ts";

/** The floor under a lock's fencing tokens, for a Redis that came back empty with an earlier clock. */
export const fenceEpoch = sqliteTable(
  "fence_epoch",
  {
    name: text("name").primaryKey(),
    token: integer("token").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [check("fence_epoch_token", sql`${t.token} >= 0`)],
);

/** The highest fencing token that has written to a resource; a lower one is refused. */
export const fenceMark = sqliteTable(
  "fence_mark",
  {
    resource: text("resource").primaryKey(),
    fence: integer("fence").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [check("fence_mark_fence", sql`${t.fence} >= 0`)],
);

export type FenceEpochRow = typeof fenceEpoch.$inferSelect;
export type FenceMarkRow = typeof fenceMark.$inferSelect;
