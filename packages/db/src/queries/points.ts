import { eq } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { pointsLedger, type BoardRow, type PointsLedgerRow } from "../schema/leaderboard.ts";

/** One member's place on a board, as the ledger has it. */
export interface Standing {
  userId: string;
  score: number;
  /** From 1, without ties: of two equal scores the one reached first is better. */
  rank: number;
  /** The ledger entry with which the score was reached. */
  reachedById: number;
  reachedAtMs: number;
}

/** Which part of the ledger counts: a season, a span `[fromMs, toMs)`, or all of it. */
export interface StandingsScope {
  seasonId?: string;
  fromMs?: number;
  toMs?: number;
  userId?: string;
}

type BoardRule = Pick<BoardRow, "name" | "order" | "update">;

/**
 * Records a submission, once per operation id: a repeated one returns the first entry with `isNew: false` and
 * counts nothing.
 */
export function insertOnce(
  tx: WriteTransaction,
  input: {
    operationId: string;
    boardName: string;
    userId: string;
    seasonId: string | null;
    points: number;
    reason?: string;
    nowMs: number;
  },
): { entry: PointsLedgerRow; isNew: boolean } {
  const { nowMs, ...values } = input;
  const inserted = tx.orm
    .insert(pointsLedger)
    .values({ ...values, atMs: nowMs })
    .onConflictDoNothing({ target: pointsLedger.operationId })
    .returning()
    .get();
  if (inserted !== undefined) return { entry: inserted, isNew: true };
  const first = findByOperation(tx, input.operationId);
  if (first === undefined) throw new Error(`points_ledger lost operation ${input.operationId}`);
  return { entry: first, isNew: false };
}

export function findByOperation(tx: ReadTransaction, operationId: string): PointsLedgerRow | undefined {
  return tx.orm.select().from(pointsLedger).where(eq(pointsLedger.operationId, operationId)).get();
}

/**
 * Everyone's score on a board, best first, worked out from the ledger by the board's own rule: what Redis'
 * board must say, and what it can be rebuilt from.
 */
export function standings(tx: ReadTransaction, board: BoardRule, scope: StandingsScope = {}): Standing[] {
  const rows = tx.statement<Omit<Standing, "rank">>(SCORES[board.update][board.order]).all({
    board: board.name,
    seasonId: scope.seasonId ?? null,
    fromMs: scope.fromMs ?? Number.MIN_SAFE_INTEGER,
    toMs: scope.toMs ?? Number.MAX_SAFE_INTEGER,
    userId: scope.userId ?? null,
  });
  return rows.map((row, index) => ({ ...row, rank: index + 1 }));
}

/** A member's score on a board, 0 if the ledger has none. */
export function scoreOf(
  tx: ReadTransaction,
  board: BoardRule,
  userId: string,
  scope: Omit<StandingsScope, "userId"> = {},
): number {
  return standings(tx, board, { ...scope, userId })[0]?.score ?? 0;
}

/** A member's last entries, newest first. */
export function listByUser(
  tx: ReadTransaction,
  userId: string,
  limit: number,
): Pick<PointsLedgerRow, "id" | "boardName" | "points" | "reason" | "atMs">[] {
  return tx
    .statement<Pick<PointsLedgerRow, "id" | "boardName" | "points" | "reason" | "atMs">>(
      `SELECT id, board_name AS boardName, points, reason, at AS atMs FROM points_ledger
        WHERE user_id = ? ORDER BY id DESC LIMIT ?`,
    )
    .all(userId, limit);
}

const IN_SCOPE = `
  FROM points_ledger
 WHERE board_name = :board AND at >= :fromMs AND at < :toMs
   AND (:seasonId IS NULL OR season_id = :seasonId) AND (:userId IS NULL OR user_id = :userId)`;

/** Increment: the sum, reached with the last entry. */
const sum = (order: "ASC" | "DESC") => `
  SELECT user_id AS userId, sum(points) AS score, max(id) AS reachedById, max(at) AS reachedAtMs ${IN_SCOPE}
  GROUP BY user_id ORDER BY score ${order}, reachedById`;

/**
 * Best: the best entry, the first of equal ones. Set: the last entry. `pick` orders a member's own entries.
 */
const pickOne = (pick: string, order: "ASC" | "DESC") => `
  SELECT userId, score, reachedById, reachedAtMs FROM (
    SELECT user_id AS userId, points AS score, id AS reachedById, at AS reachedAtMs,
           row_number() OVER (PARTITION BY user_id ORDER BY ${pick}) AS place ${IN_SCOPE})
   WHERE place = 1 ORDER BY score ${order}, reachedById`;

const SCORES: Record<BoardRow["update"], Record<BoardRow["order"], string>> = {
  increment: { asc: sum("ASC"), desc: sum("DESC") },
  best: { asc: pickOne("points ASC, id", "ASC"), desc: pickOne("points DESC, id", "DESC") },
  set: { asc: pickOne("id DESC", "ASC"), desc: pickOne("id DESC", "DESC") },
};
