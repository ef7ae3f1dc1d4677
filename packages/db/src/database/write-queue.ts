import { setImmediate as nextTurn } from "node:timers/promises";
import { retryWhileBusy } from "./busy-retry.ts";
import type { Connection } from "./connection.ts";
import { asDatabaseError, DatabaseBusy, DatabaseClosed } from "./errors.ts";
import { SLOW_CALLBACK_MS, type OnDatabaseEvent } from "./events.ts";
import { TransactionScope, type WriteTransaction } from "./transaction.ts";

/** A group is closed after this many writes or this long, so that a flood does not hold the event loop. */
const GROUP_MAX_WRITES = 200;
const GROUP_MAX_MS = 10;

interface PendingWrite {
  run: (scope: TransactionScope) => void;
  succeed: () => void;
  fail: (error: unknown) => void;
  deadlineMs: number;
}

export interface WriteQueueOptions {
  busyTimeoutMs: number;
  onEvent: OnDatabaseEvent;
}

/**
 * All writes of this process, first in, first out, on one connection. Writes that wait together share one
 * transaction, each in a savepoint of its own, so that one failing leaves the others alone. A write's promise
 * settles only after COMMIT.
 */
export class WriteQueue {
  readonly #connection: Connection;
  readonly #scope: TransactionScope;
  readonly #options: WriteQueueOptions;
  readonly #waiting: PendingWrite[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Connection, options: WriteQueueOptions) {
    this.#connection = connection;
    this.#scope = new TransactionScope(connection);
    this.#options = options;
  }

  write<T>(fn: (tx: WriteTransaction) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new DatabaseClosed());
    return new Promise<T>((resolve, reject) => {
      let outcome: { value: T } | undefined;
      this.#waiting.push({
        run: (scope) => {
          outcome = { value: scope.run(fn) };
        },
        succeed: () => {
          if (outcome !== undefined) resolve(outcome.value);
        },
        fail: reject,
        deadlineMs: performance.now() + this.#options.busyTimeoutMs,
      });
      this.#draining ??= this.#drain();
    });
  }

  /** Refuses new writes, finishes those that wait, then closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    if (this.#connection.open) this.#connection.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Lets every write of this turn of the event loop join the group.
      await nextTurn();
      if (await this.#begin()) this.#runGroup();
    }
    this.#draining = undefined;
  }

  async #begin(): Promise<boolean> {
    try {
      await retryWhileBusy(() => this.#connection.exec("BEGIN IMMEDIATE"), {
        deadlineMs: () => {
          this.#failExpired();
          return this.#waiting.length > 0 ? Infinity : 0;
        },
        onBusy: (attempt) => this.#options.onEvent({ type: "busy", attempt }),
      });
      return true;
    } catch (error) {
      // Nobody waits any more, or the file cannot be written at all: then nobody's write can succeed.
      const failure = asDatabaseError(error);
      for (const write of this.#waiting.splice(0)) write.fail(failure);
      return false;
    }
  }

  #failExpired(): void {
    const nowMs = performance.now();
    while (this.#waiting[0] !== undefined && this.#waiting[0].deadlineMs <= nowMs) {
      this.#waiting.shift()?.fail(new DatabaseBusy(this.#options.busyTimeoutMs));
    }
  }

  #runGroup(): void {
    const startedMs = performance.now();
    const succeeded: PendingWrite[] = [];
    const failed: { write: PendingWrite; error: unknown }[] = [];
    let groupFailure: { error: unknown } | undefined;
    for (let count = 0; count < GROUP_MAX_WRITES && groupFailure === undefined; count += 1) {
      if (count > 0 && performance.now() - startedMs > GROUP_MAX_MS) break;
      const write = this.#waiting.shift();
      if (write === undefined) break;
      const failure = this.#runOne(write);
      if (failure === undefined) {
        succeeded.push(write);
        continue;
      }
      failed.push({ write, error: failure.error });
      // A full disk rolls the whole transaction back, whatever the savepoints say.
      if (!this.#connection.inTransaction) groupFailure = failure;
    }
    groupFailure ??= this.#commit();
    for (const { write, error } of failed) write.fail(asDatabaseError(error));
    if (groupFailure !== undefined) {
      const failure = asDatabaseError(groupFailure.error);
      for (const write of succeeded) write.fail(failure);
      return;
    }
    for (const write of succeeded) write.succeed();
    this.#options.onEvent({
      type: "commit",
      writes: succeeded.length,
      durationMs: performance.now() - startedMs,
    });
  }

  #runOne(write: PendingWrite): { error: unknown } | undefined {
    const startedMs = performance.now();
    try {
      this.#connection.exec("SAVEPOINT one_write");
      write.run(this.#scope);
      this.#connection.exec("RELEASE one_write");
      return undefined;
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK TO one_write; RELEASE one_write");
      return { error };
    } finally {
      const durationMs = performance.now() - startedMs;
      if (durationMs > SLOW_CALLBACK_MS) this.#options.onEvent({ type: "slow", kind: "write", durationMs });
    }
  }

  #commit(): { error: unknown } | undefined {
    try {
      this.#connection.exec("COMMIT");
      return undefined;
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
      return { error };
    }
  }
}
