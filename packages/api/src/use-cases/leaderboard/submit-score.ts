import { pointsQueries, seasonQueries } from "@cardinal/db";
import { isOutage } from "@cardinal/redis-core";
import type { AppDeps } from "../../deps/app-deps.ts";
import { OperationReused } from "../../errors/domain-errors.ts";
import { requireBoard, toRedisSeason } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";

interface SubmitScoreInput {
  readonly userId: string;
  readonly board: string;
  readonly points: number;
  /** The same operation sent again counts once. */
  readonly operationId: string;
}

interface SubmittedScore {
  readonly score: number;
  readonly rank: number | null;
  readonly previousRank: number | null;
}

/**
 * Books points in the ledger first, then in Redis under the same operation id: a repeat, also one after a
 * crash between the two, counts once in either. Without Redis the points are booked all the same, the ledger
 * answers, and the board is renewed once Redis is back.
 *
 * @throws {BoardNotFound}
 * @throws {OperationReused} when the id was used for another submission.
 */
export async function submitScore(
  deps: Pick<AppDeps, "db" | "boards" | "now" | "log">,
  input: SubmitScoreInput,
): Promise<SubmittedScore> {
  const { userId, points, operationId } = input;
  const { board, season } = await deps.db.write((tx) => {
    const found = requireBoard(tx, input.board);
    const running = seasonQueries.findRunning(tx);
    const { entry } = pointsQueries.insertOnce(tx, {
      operationId,
      boardName: found.name,
      userId,
      seasonId: running?.id ?? null,
      points,
      reason: "challenge",
      nowMs: deps.now(),
    });
    if (entry.userId !== userId || entry.boardName !== found.name || entry.points !== points) {
      throw new OperationReused();
    }
    return { board: found, season: running };
  });
  try {
    const options = season === undefined ? { operationId } : { operationId, season: toRedisSeason(season) };
    const { score, rank, previousRank } = await deps.boards.of(board).submit(userId, points, options);
    return { score, rank, previousRank };
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    deps.boards.suspect(board.name);
    deps.log.warn(
      { board: board.name },
      "points are booked but not on the board; it is renewed when Redis is back",
    );
    const standings = await deps.db.read((tx) =>
      ledgerStandings(tx, { board, selector: { period: "all" }, scope: {} }),
    );
    const own = standings.find(({ member }) => member === userId);
    return { score: own?.score ?? 0, rank: own?.rank ?? null, previousRank: null };
  }
}
