import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

export const REDEMPTION_STATES = ["pending", "granted", "refused"] as const;

/** Something points can be spent on. `stock` null is unlimited. */
export const reward = sqliteTable(
  "reward",
  {
    id: idColumn(),
    slug: text("slug").notNull().unique(),
    title: text("title").notNull(),
    description: text("description").notNull(),
    cost: integer("cost").notNull(),
    stock: integer("stock"),
    perUserLimit: integer("per_user_limit"),
    createdAtMs: timeColumn("created_at").notNull(),
    retiredAtMs: timeColumn("retired_at"),
  },
  (t) => [
    check("reward_cost", sql`${t.cost} > 0`),
    check("reward_stock", sql`${t.stock} is null or ${t.stock} >= 0`),
  ],
);

export const rewardRedemption = sqliteTable(
  "reward_redemption",
  {
    id: idColumn(),
    operationId: text("operation_id").notNull().unique(),
    rewardId: text("reward_id")
      .notNull()
      .references(() => reward.id),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    cost: integer("cost").notNull(),
    state: text("state", { enum: REDEMPTION_STATES }).notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    index("reward_redemption_user").on(t.userId, t.rewardId),
    index("reward_redemption_reward").on(t.rewardId),
    check("reward_redemption_state", isOneOf(t.state, REDEMPTION_STATES)),
  ],
);

export type RewardRow = typeof reward.$inferSelect;
export type RewardRedemptionRow = typeof rewardRedemption.$inferSelect;
