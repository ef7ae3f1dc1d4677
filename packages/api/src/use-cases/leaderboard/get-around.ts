import { isOutage } from "@cardinal/redis-core";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { LeaderboardEntry, Period } from "../../routers/leaderboard/schemas.ts";
import { type BoardPeriod, boardPeriodOf } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";
import { withMembers } from "./with-members.ts";

interface GetAroundInput {
  readonly userId: string;
  readonly board: string;
  readonly period: Period;
  readonly radius: number;
}

/**
 * A member and those just above and below him; empty without a score. Without Redis the ledger answers.
 *
 * @throws {BoardNotFound}
 */
export async function getAround(
  deps: Pick<AppDeps, "db" | "boards" | "now">,
  input: GetAroundInput,
): Promise<LeaderboardEntry[]> {
  const period = await deps.db.read((tx) => boardPeriodOf(tx, input, deps.now()));
  const places = await readPlaces(deps, period, input);
  return deps.db.read((tx) => withMembers(tx, places));
}

async function readPlaces(
  deps: Pick<AppDeps, "db" | "boards">,
  period: BoardPeriod,
  { userId, radius }: GetAroundInput,
) {
  if (period.selector === undefined) {
    return [];
  }
  try {
    return await deps.boards.of(period.board).around(userId, radius, period.selector);
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
    const own = standings.findIndex(({ member }) => member === userId);
    return own === -1 ? [] : standings.slice(Math.max(0, own - radius), own + radius + 1);
  }
}
