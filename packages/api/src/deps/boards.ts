import type { BoardRow } from "@cardinal/db";
import type { RedisCore } from "@cardinal/redis-core";
import type { Leaderboard } from "@cardinal/redis-core/leaderboard";

export type BoardRule = Pick<BoardRow, "name" | "order" | "update">;

/** The boards in Redis: an index over `points_ledger`, which is the truth. */
export interface Boards {
  of(board: BoardRule): Leaderboard;
  /** Notes that Redis may lack points the ledger has: the next `rebuildBoards` renews the board. */
  markBehind(name: string): void;
  /** The boards marked since the last call. */
  takeBehind(): string[];
}

export const BOARD_PERIODS = ["day", "week", "season", "all"] as const;

export function createBoards(core: RedisCore): Boards {
  const behind = new Set<string>();
  return {
    of: ({ name, order, update }) => core.leaderboard(name, { order, update, periods: BOARD_PERIODS }),
    markBehind(name) {
      behind.add(name);
    },
    takeBehind() {
      const names = [...behind];
      behind.clear();
      return names;
    },
  };
}
