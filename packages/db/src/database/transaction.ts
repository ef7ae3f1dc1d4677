import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { Connection } from "./connection.ts";
import { DatabaseMisuse } from "./errors.ts";

type Orm = BetterSQLite3Database;
type SelectOrm = Pick<Orm, "$with" | "select" | "selectDistinct" | "with">;

export type SqlValue = string | number | bigint | null | Uint8Array;
/** Values for `?` in their order, or one object with a value for each `:name`. */
export type SqlParameters = SqlValue[] | [Readonly<Record<string, SqlValue>>];

/** A prepared statement. */
export interface Statement<Row> {
  all(...parameters: SqlParameters): Row[];
  get(...parameters: SqlParameters): Row | undefined;
  run(...parameters: SqlParameters): { changes: number };
}

/**
 * One consistent view of the database. It works only inside the callback it was given to; used later it
 * throws `DatabaseMisuse`.
 */
export interface ReadTransaction {
  /** Drizzle's query builder; end every query with `.all()`, `.get()` or `.run()`. */
  readonly orm: SelectOrm;
  /**
   * A prepared statement, kept for the life of the connection: the text must therefore be a constant.
   * Its rows are what the caller says they are; nothing checks it.
   */
  statement<Row = never>(sql: string): Statement<Row>;
}

/** A read transaction that may also write. Its changes appear all together, or not at all. */
export interface WriteTransaction extends ReadTransaction {
  readonly orm: Orm;
}

const TRANSACTION_CONTROL = /^\s*(begin|commit|end|rollback|savepoint|release|vacuum|attach|detach)\b/i;

/**
 * Hands out the transactions of one connection, one at a time, and takes each back when its callback ends.
 */
export class TransactionScope {
  readonly #orm: Orm;
  readonly #connection: Connection;
  readonly #statements = new Map<string, Statement<unknown>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#orm = drizzle(connection);
  }

  /**
   * Runs `fn` with a transaction that dies with it. A promise as the result is misuse: it would outlive it.
   */
  run<T>(fn: (tx: WriteTransaction) => T): T {
    const tx = new ScopedTransaction(this.#orm, (sql) => this.#prepare(sql));
    try {
      const result = fn(tx);
      if (isThenable(result)) {
        result.then(undefined, () => undefined);
        throw new DatabaseMisuse("a transaction's callback must be synchronous, but it returned a promise");
      }
      return result;
    } finally {
      tx.end();
    }
  }

  #prepare(sql: string): Statement<unknown> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (TRANSACTION_CONTROL.test(sql)) {
      throw new DatabaseMisuse(`a transaction is begun and ended by the database handle, not by: ${sql}`);
    }
    const statement: Statement<unknown> = this.#connection.prepare<unknown[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

class ScopedTransaction implements WriteTransaction {
  readonly #orm: Orm;
  readonly #prepare: (sql: string) => Statement<unknown>;
  #ended = false;

  constructor(orm: Orm, prepare: (sql: string) => Statement<unknown>) {
    this.#orm = orm;
    this.#prepare = prepare;
  }

  get orm(): Orm {
    this.#requireOpen();
    return this.#orm;
  }

  statement<Row>(sql: string): Statement<Row> {
    this.#requireOpen();
    return this.#prepare(sql) as Statement<Row>;
  }

  end(): void {
    this.#ended = true;
  }

  #requireOpen(): void {
    if (this.#ended) throw new DatabaseMisuse("the transaction has ended; use it inside its callback only");
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
