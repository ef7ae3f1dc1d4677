import { boardQueries, type BoardRow, seasonQueries } from "@cardinal/db";
import { BOARD_PERIODS } from "../../deps/boards.ts";
import type { AppDeps } from "../../deps/app-deps.ts";
import { type BoardPeriod, periodOf } from "./board-period.ts";
import { ledgerStandings } from "./ledger-standings.ts";

type RebuildDeps = Pick<AppDeps, "db" | "core" | "boards" | "now" | "log">;

interface RebuildOptions {
  /**
   * `lost`: periods that are empty in Redis and not in the ledger, and suspected boards that differ from it.
   */
  readonly which: "lost" | "all";
}

/** Places compared when a board is suspected. */
const COMPARED = 1_000;

/**
 * Makes the boards in Redis say what the ledger says. One process at a time; the others return at once.
 * Readers see the old board until the new one is whole. Answers the number of periods that were rebuilt.
 *
 * Points that are booked while their period is swapped may be missing from it or count twice. So a rebuilt
 * board stays suspected: the next call compares it with the ledger, and rebuilds it again should they differ.
 *
 * @throws {RedisUnavailable} {OutcomeUnknown} without Redis; suspected boards stay suspected.
 */
export async function rebuildBoards(deps: RebuildDeps, { which }: RebuildOptions): Promise<number> {
  const held = await deps.core.lock("rebuild-boards", { lease: "30s" }).tryAcquire();
  if (held === null) {
    return 0;
  }
  const suspects = new Set(deps.boards.takeSuspects());
  let rebuilt = 0;
  try {
    for (const period of await listPeriods(deps)) {
      const isSuspect = suspects.has(period.board.name);
      if (which === "all" || (await isLost(deps, period)) || (isSuspect && (await differs(deps, period)))) {
        rebuilt += (await rebuildPeriod(deps, period)) ? 1 : 0;
      }
    }
    return rebuilt;
  } catch (error) {
    suspects.forEach((name) => deps.boards.suspect(name));
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

async function differs(deps: RebuildDeps, period: BoardPeriod): Promise<boolean> {
  if (period.selector === undefined) {
    return false;
  }
  const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
  const page = await deps.boards.of(period.board).page({ ...period.selector, limit: COMPARED });
  const isSame = page.entries.every(({ member, score }, index) => {
    const expected = standings[index];
    return expected?.member === member && expected.score === score;
  });
  return page.total !== standings.length || !isSame;
}

async function rebuildPeriod(deps: RebuildDeps, period: BoardPeriod): Promise<boolean> {
  const standings = await deps.db.read((tx) => ledgerStandings(tx, period));
  if (period.selector === undefined || standings.length === 0) {
    return false;
  }
  // Best first is also first reached first among equals, which is the order the board asks for.
  const entries = standings.map(({ member, score }) => ({ member, score }));
  await deps.boards.of(period.board).rebuild(entries, period.selector);
  deps.boards.suspect(period.board.name);
  deps.log.info({ board: period.board.name, ...period.selector, members: entries.length }, "board rebuilt");
  return true;
}
