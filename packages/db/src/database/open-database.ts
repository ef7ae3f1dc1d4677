import { requireCurrentSchema } from "../migrate/applied.ts";
import { retryWhileBusy } from "./busy-retry.ts";
import { openConnection, type Connection } from "./connection.ts";
import { asDatabaseError, DatabaseClosed, DatabaseMisuse } from "./errors.ts";
import { SLOW_CALLBACK_MS, type OnDatabaseEvent } from "./events.ts";
import { TransactionScope, type ReadTransaction, type WriteTransaction } from "./transaction.ts";
import { WriteQueue } from "./write-queue.ts";

export interface OpenDatabaseOptions {
  path: string;
  /** How long a write waits for other processes before it fails with `DatabaseBusy`. Default 5 s. */
  busyTimeoutMs?: number;
  onEvent?: OnDatabaseEvent;
}

/**
 * A migrated database, shared by everything in this process. Several processes of one host may open one file.
 */
export interface Database {
  readonly path: string;
  /** Runs `fn` over one consistent snapshot. Never waits for writers. Throws what `fn` throws, typed. */
  read<T>(fn: (tx: ReadTransaction) => T): Promise<T>;
  /**
   * Runs `fn` in a transaction and resolves once it is committed and on disk. `fn` must be synchronous and
   * touch nothing but `tx`. Whatever it throws rolls back its own changes and nothing else. Errors:
   * `UniqueViolation`, `ForeignKeyViolation`, `DatabaseBusy`, `DatabaseFull`, `DatabaseReadOnly`,
   * `DatabaseMisuse`, `DatabaseClosed`.
   */
  write<T>(fn: (tx: WriteTransaction) => T): Promise<T>;
  /** Finishes the writes that wait, then closes both connections. Calling it again does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a database whose migrations were applied. Throws `DatabaseNotMigrated` or `DatabaseTooNew` where its
 * tables are not those of this code.
 */
export function openDatabase(options: OpenDatabaseOptions): Database {
  return new SqliteDatabase(options);
}

class SqliteDatabase implements Database {
  readonly path: string;
  readonly #reader: Connection;
  readonly #readScope: TransactionScope;
  readonly #queue: WriteQueue;
  readonly #busyTimeoutMs: number;
  readonly #onEvent: OnDatabaseEvent;
  #closing: Promise<void> | undefined;

  constructor(options: OpenDatabaseOptions) {
    this.path = options.path;
    this.#busyTimeoutMs = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
    this.#onEvent = quietly(options.onEvent);
    const writer = openConnection(options.path, { queryOnly: false });
    try {
      requireCurrentSchema(writer);
      this.#reader = openConnection(options.path, { queryOnly: true });
    } catch (error) {
      writer.close();
      throw error;
    }
    this.#readScope = new TransactionScope(this.#reader);
    this.#queue = new WriteQueue(writer, {
      busyTimeoutMs: this.#busyTimeoutMs,
      onEvent: this.#onEvent,
    });
  }

  async read<T>(fn: (tx: ReadTransaction) => T): Promise<T> {
    if (this.#closing !== undefined) throw new DatabaseClosed();
    if (this.#reader.inTransaction)
      throw new DatabaseMisuse("a read was started inside the callback of another");
    const deadline = performance.now() + this.#busyTimeoutMs;
    return retryWhileBusy(() => this.#readOnce(fn), {
      deadlineMs: () => (this.#closing === undefined ? deadline : 0),
      onBusy: (attempt) => this.#onEvent({ type: "busy", attempt }),
    });
  }

  write<T>(fn: (tx: WriteTransaction) => T): Promise<T> {
    return this.#queue.write(fn);
  }

  close(): Promise<void> {
    this.#closing ??= this.#queue.close().finally(() => this.#reader.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #readOnce<T>(fn: (tx: ReadTransaction) => T): T {
    const startedMs = performance.now();
    this.#reader.exec("BEGIN");
    try {
      // Takes the snapshot now, so that a lock is met before the callback rather than in the middle of it.
      this.#reader.pragma("schema_version");
    } catch (error) {
      this.#reader.exec("ROLLBACK");
      throw error;
    }
    try {
      return this.#readScope.run(fn);
    } catch (error) {
      throw asDatabaseError(error);
    } finally {
      if (this.#reader.inTransaction) this.#reader.exec("COMMIT");
      const durationMs = performance.now() - startedMs;
      if (durationMs > SLOW_CALLBACK_MS) this.#onEvent({ type: "slow", kind: "read", durationMs });
    }
  }
}

/** An observer that throws must not cost anyone his commit. */
function quietly(onEvent: OnDatabaseEvent = () => undefined): OnDatabaseEvent {
  return (event) => {
    try {
      onEvent(event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };
}
