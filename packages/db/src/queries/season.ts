import { and, asc, desc, eq, ne } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { season, seasonResult, type SeasonResultRow, type SeasonRow } from "../schema/leaderboard.ts";
import { user } from "../schema/user.ts";
import * as boardQueries from "./board.ts";
import { standings } from "./points.ts";
import { userSummaryColumns, type UserSummary } from "./user.ts";

/** The season under way, if there is one. */
export function findRunning(tx: ReadTransaction): SeasonRow | undefined {
  return tx.orm.select().from(season).where(eq(season.state, "running")).orderBy(desc(season.number)).get();
}

export function findByNumber(tx: ReadTransaction, number: number): SeasonRow | undefined {
  return tx.orm.select().from(season).where(eq(season.number, number)).get();
}

/** Every season, newest first. */
export function list(tx: ReadTransaction): SeasonRow[] {
  return tx.orm.select().from(season).orderBy(desc(season.number)).all();
}

/** Opens a season. The write fails with `UniqueViolation` on `number` if it exists. */
export function start(
  tx: WriteTransaction,
  input: { id?: string; number: number; title: string; startsAtMs: number; endsAtMs: number },
): SeasonRow {
  return tx.orm
    .insert(season)
    .values({ ...input, id: input.id ?? newId(), state: "running" })
    .returning()
    .get();
}

/**
 * Closes a season and writes the final table of every board from the ledger. Done a second time it changes
 * nothing. Returns whether this call closed it.
 */
export function finish(tx: WriteTransaction, id: string, nowMs: number): boolean {
  const closed = tx.orm
    .update(season)
    .set({ state: "finished", finishedAtMs: nowMs })
    .where(and(eq(season.id, id), ne(season.state, "finished")))
    .run();
  if (closed.changes === 0) return false;
  for (const board of boardQueries.list(tx)) {
    for (const line of standings(tx, board, { seasonId: id })) {
      tx.orm
        .insert(seasonResult)
        .values({
          seasonId: id,
          boardName: board.name,
          userId: line.userId,
          rank: line.rank,
          score: line.score,
        })
        .run();
    }
  }
  return true;
}

/** The final table of a board, best first. */
export function results(
  tx: ReadTransaction,
  seasonId: string,
  boardName: string,
  limit: number,
): (Pick<SeasonResultRow, "rank" | "score"> & { user: UserSummary })[] {
  return tx.orm
    .select({ rank: seasonResult.rank, score: seasonResult.score, user: userSummaryColumns })
    .from(seasonResult)
    .innerJoin(user, eq(user.id, seasonResult.userId))
    .where(and(eq(seasonResult.seasonId, seasonId), eq(seasonResult.boardName, boardName)))
    .orderBy(asc(seasonResult.rank))
    .limit(limit)
    .all();
}
