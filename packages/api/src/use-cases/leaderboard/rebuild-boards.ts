import { boardQueries, type BoardRow, seasonQueries } from "@cardinal/db";
import { BOARD_PERIODS } from "../../deps/boards.ts";
import type { AppDeps } from "../../deps/app-deps.ts";
import { type BoardPeriod, periodOf } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";

type RebuildDeps = Pick<AppDeps, "db" | "core" | "boards" | "now" | "log">;

interface RebuildOptions {
  /** `lost`: only periods that are empty in Redis and not in the ledger, and boards marked as behind. */
  readonly which: "lost" | "all";
}

/**
 * Makes the boards in Redis say what the ledger says. One process at a time; the others return at once. Readers see
 * the old board until the new one is whole. Answers the number of periods that were rebuilt.
 *
 * A submission that is booked while its period is swapped may be missing from it or be counted twice, until the
 * next rebuild: so this runs when a board was lost, not as routine.
 *
 * @throws {RedisUnavailable} {OutcomeUnknown} without Redis; boards marked as behind stay marked.
 */
export async function rebuildBoards(deps: RebuildDeps, { which }: RebuildOptions): Promise<number> {
  const held = await deps.core.lock("rebuild-boards", { lease: "30s" }).tryAcquire();
  if (held === null) {
    return 0;
  }
  const behind = new Set(deps.boards.takeBehind());
  let rebuilt = 0;
  try {
    for (const period of await listPeriods(deps)) {
      const isWanted = which === "all" || behind.has(period.board.name) || (await isLost(deps, period));
      if (isWanted && (await rebuildPeriod(deps, period))) {
        rebuilt += 1;
      }
    }
    return rebuilt;
  } catch (error) {
    behind.forEach((name) => deps.boards.markBehind(name));
    throw error;
  } finally {
    await held.release();
  }
}

async function listPeriods(deps: RebuildDeps): Promise<BoardPeriod[]> {
  const { boards, season } = await deps.db.read((tx) => ({
    boards: boardQueries.list(tx),
    season: seasonQueries.findRunning(tx),
  }));
  const nowMs = deps.now();
  return boards.flatMap((board: BoardRow) =>
    BOARD_PERIODS.map((period) => ({ board, ...periodOf(period, season, nowMs) })),
  );
}

async function isLost(deps: RebuildDeps, { board, selector }: BoardPeriod): Promise<boolean> {
  if (selector === undefined) {
    return false;
  }
  const { total } = await deps.boards.of(board).page({ ...selector, limit: 1 });
  return total === 0;
}

async function rebuildPeriod(deps: RebuildDeps, period: BoardPeriod): Promise<boolean> {
  const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
  if (period.selector === undefined || standings.length === 0) {
    return false;
  }
  // Best first is also first reached first among equals, which is the order the board asks for.
  const entries = standings.map(({ member, score }) => ({ member, score }));
  await deps.boards.of(period.board).rebuild(entries, period.selector);
  deps.log.info({ board: period.board.name, ...period.selector, members: entries.length }, "board rebuilt");
  return true;
}
