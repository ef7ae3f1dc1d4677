import { pointsQueries, type ReadTransaction } from "@cardinal/db";
import type { BoardPeriod } from "./board-period.ts";

interface Place {
  readonly member: string;
  readonly rank: number;
  readonly score: number;
}

/** Everyone's place worked out from the ledger: slower than Redis, and what answers while Redis is away. */
export function ledgerStandings(tx: ReadTransaction, { board, selector, scope }: BoardPeriod): Place[] {
  if (selector === undefined) {
    return [];
  }
  return pointsQueries
    .standings(tx, board, scope)
    .map(({ userId, rank, score }) => ({ member: userId, rank, score }));
}
