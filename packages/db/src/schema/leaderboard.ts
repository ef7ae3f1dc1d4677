import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

export const BOARD_ORDERS = ["asc", "desc"] as const;
export const BOARD_UPDATES = ["set", "best", "increment"] as const;
export const SEASON_STATES = ["upcoming", "running", "finished"] as const;

/** A leaderboard: what counts as better, and how one submission changes a score. */
export const board = sqliteTable(
  "board",
  {
    name: text("name").primaryKey(),
    title: text("title").notNull(),
    description: text("description").notNull().default(""),
    /** Word that follows a score, such as "points". */
    unit: text("unit").notNull().default("points"),
    order: text("order", { enum: BOARD_ORDERS }).notNull(),
    update: text("update", { enum: BOARD_UPDATES }).notNull(),
    position: integer("position").notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
  },
  (t) => [
    check("board_order", isOneOf(t.order, BOARD_ORDERS)),
    check("board_update", isOneOf(t.update, BOARD_UPDATES)),
  ],
);

/** A season spans every board. At most one is running. */
export const season = sqliteTable(
  "season",
  {
    id: idColumn(),
    number: integer("number").notNull().unique(),
    title: text("title").notNull(),
    state: text("state", { enum: SEASON_STATES }).notNull(),
    startsAtMs: timeColumn("starts_at").notNull(),
    endsAtMs: timeColumn("ends_at").notNull(),
    finishedAtMs: timeColumn("finished_at"),
  },
  (t) => [
    index("season_state").on(t.state, t.startsAtMs),
    check("season_state_word", isOneOf(t.state, SEASON_STATES)),
    check("season_span", sql`${t.endsAtMs} > ${t.startsAtMs}`),
    check("season_finished", sql`(${t.state} = 'finished') = (${t.finishedAtMs} is not null)`),
  ],
);

/** The final table of a board for a finished season, written once. */
export const seasonResult = sqliteTable(
  "season_result",
  {
    seasonId: text("season_id")
      .notNull()
      .references(() => season.id, { onDelete: "cascade" }),
    boardName: text("board_name")
      .notNull()
      .references(() => board.name),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    rank: integer("rank").notNull(),
    score: real("score").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.seasonId, t.boardName, t.userId] }),
    index("season_result_rank").on(t.seasonId, t.boardName, t.rank),
    index("season_result_user").on(t.userId),
    index("season_result_board").on(t.boardName),
    check("season_result_rank_positive", sql`${t.rank} >= 1`),
  ],
);

/**
 * Every submission to a board, once per operation id. This is the truth; the boards in Redis are an index of
 * it and can be rebuilt from it. `id` is the order in which submissions were accepted, which decides ties.
 */
export const pointsLedger = sqliteTable(
  "points_ledger",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    operationId: text("operation_id").notNull().unique(),
    boardName: text("board_name")
      .notNull()
      .references(() => board.name),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    seasonId: text("season_id").references(() => season.id),
    points: real("points").notNull(),
    reason: text("reason").notNull().default(""),
    atMs: integer("at").notNull(),
  },
  (t) => [
    index("points_ledger_board").on(t.boardName, t.atMs),
    index("points_ledger_season").on(t.seasonId, t.boardName),
    index("points_ledger_user").on(t.userId, t.boardName, t.atMs),
  ],
);

/** Something members can do for points on a board. */
export const challenge = sqliteTable(
  "challenge",
  {
    id: idColumn(),
    slug: text("slug").notNull().unique(),
    boardName: text("board_name")
      .notNull()
      .references(() => board.name),
    title: text("title").notNull(),
    description: text("description").notNull(),
    points: real("points").notNull(),
    startsAtMs: timeColumn("starts_at"),
    endsAtMs: timeColumn("ends_at"),
    createdAtMs: timeColumn("created_at").notNull(),
  },
  (t) => [index("challenge_board").on(t.boardName)],
);

export type BoardRow = typeof board.$inferSelect;
export type SeasonRow = typeof season.$inferSelect;
export type SeasonResultRow = typeof seasonResult.$inferSelect;
export type PointsLedgerRow = typeof pointsLedger.$inferSelect;
export type ChallengeRow = typeof challenge.$inferSelect;
