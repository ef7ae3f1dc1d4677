import type { AppDeps } from "../deps/app-deps.ts";
import type { BoardRule } from "../deps/boards.ts";
import { requireBoard } from "../use-cases/leaderboard/board-period.ts";

/** @throws {BoardNotFound} */
export function boardRuleOf(deps: Pick<AppDeps, "db">, name: string): Promise<BoardRule> {
  return deps.db.read((tx) => requireBoard(tx, name));
}
