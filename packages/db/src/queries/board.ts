import { asc, eq } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { board, type BoardRow } from "../schema/leaderboard.ts";

/** Every board, in the order in which they are shown. */
export function list(tx: ReadTransaction): BoardRow[] {
  return tx.orm.select().from(board).orderBy(asc(board.position), asc(board.name)).all();
}

export function find(tx: ReadTransaction, name: string): BoardRow | undefined {
  return tx.orm.select().from(board).where(eq(board.name, name)).get();
}

/** Adds a board. The write fails with `UniqueViolation` on `name` if taken. */
export function create(tx: WriteTransaction, input: BoardRow): BoardRow {
  return tx.orm.insert(board).values(input).returning().get();
}
