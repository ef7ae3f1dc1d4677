import { isOutage } from "@cardinal/redis-core";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Period } from "../../routers/leaderboard/schemas.ts";
import { boardPeriodOf } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";

interface GetStandingInput {
  readonly userId: string;
  readonly board: string;
  readonly period: Period;
}

/**
 * A member's place; `rank: null, score: 0` without a score. Without Redis the ledger answers.
 *
 * @throws {BoardNotFound}
 */
export async function getStanding(
  deps: Pick<AppDeps, "db" | "boards" | "now">,
  input: GetStandingInput,
): Promise<{ rank: number | null; score: number }> {
  const period = await deps.db.read((tx) => boardPeriodOf(tx, input, deps.now()));
  if (period.selector === undefined) {
    return { rank: null, score: 0 };
  }
  try {
    return await deps.boards.of(period.board).get(input.userId, period.selector);
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
    const own = standings.find(({ member }) => member === input.userId);
    return { rank: own?.rank ?? null, score: own?.score ?? 0 };
  }
}
