import type { BoardRow } from "@cardinal/db";
import type { RedisCore } from "@cardinal/redis-core";
import type { Leaderboard } from "@cardinal/redis-core/leaderboard";

export type BoardRule = Pick<BoardRow, "name" | "order" | "update">;

/** The boards in Redis: an index over `points_ledger`, which is the truth. */
export interface Boards {
  of(board: BoardRule): Leaderboard;
  /**
   * Notes that Redis may not say what the ledger says: the next `rebuildBoards` compares, and renews the
   * board.
   */
  suspect(name: string): void;
  /** The boards suspected since the last call. */
  takeSuspects(): string[];
}

export const BOARD_PERIODS = ["day", "week", "season", "all"] as const;

export function createBoards(core: RedisCore): Boards {
  const suspects = new Set<string>();
  return {
    // A season runs in the ledger until it is rolled over, which may be a while after its end.
    of: ({ name, order, update }) => core.leaderboard(name, { order, update, periods: BOARD_PERIODS, late: "1d" }),
    suspect(name) {
      suspects.add(name);
    },
    takeSuspects() {
      const names = [...suspects];
      suspects.clear();
      return names;
    },
  };
}
