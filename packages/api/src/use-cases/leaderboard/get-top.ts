import { isOutage } from "@cardinal/redis-core";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { LeaderboardTop, Period } from "../../routers/leaderboard/schemas.ts";
import { type BoardPeriod, boardPeriodOf } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";
import { withMembers } from "./with-members.ts";

interface GetTopInput {
  readonly board: string;
  readonly period: Period;
  readonly limit: number;
}

/**
 * The first entries of a board. `version` rises with every change of the period. Without Redis the ledger
 * answers, with version 0.
 *
 * @throws {BoardNotFound}
 */
export async function getTop(
  deps: Pick<AppDeps, "db" | "boards" | "now">,
  input: GetTopInput,
): Promise<LeaderboardTop> {
  const period = await deps.db.read((tx) => boardPeriodOf(tx, input, deps.now()));
  const page = await readPage(deps, period, input.limit);
  const entries = await deps.db.read((tx) => withMembers(tx, page.entries));
  return { entries, version: page.version, total: page.total };
}

async function readPage(deps: Pick<AppDeps, "db" | "boards">, period: BoardPeriod, limit: number) {
  if (period.selector === undefined) {
    return { entries: [], version: 0, total: 0 };
  }
  try {
    return await deps.boards.of(period.board).page({ ...period.selector, limit });
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
    return { entries: standings.slice(0, limit), version: 0, total: standings.length };
  }
}
