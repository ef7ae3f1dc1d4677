import { DatabaseError } from "../database/errors.ts";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";

/**
 * The writer's lock was taken over: someone with a higher fencing token has written since. Nothing was
 * written.
 */
export class StaleFence extends DatabaseError {
  override readonly name = "StaleFence";
  readonly code = "STALE_FENCE";
  readonly resource: string;
  readonly fence: bigint;
  constructor(resource: string, fence: bigint) {
    super(`${resource} was written under a higher fencing token than ${fence}`);
    this.resource = resource;
    this.fence = fence;
  }
}

/**
 * Runs a write that only the newest holder of a lock may make. The resource remembers the highest token that
 * wrote; a lower one throws `StaleFence` and the transaction's changes are undone. One holder may write many
 * times.
 */
export function fencedWrite<T>(
  tx: WriteTransaction,
  input: { resource: string; fence: bigint; nowMs: number },
  write: (tx: WriteTransaction) => T,
): T {
  const accepted = tx
    .statement(
      `INSERT INTO fence_mark (resource, fence, updated_at) VALUES (?, ?, ?)
       ON CONFLICT (resource) DO UPDATE SET fence = excluded.fence, updated_at = excluded.updated_at
        WHERE fence <= excluded.fence`,
    )
    .run(input.resource, input.fence, input.nowMs);
  if (accepted.changes === 0) throw new StaleFence(input.resource, input.fence);
  return write(tx);
}

/** The highest token that wrote to a resource, 0 if none did. */
export function currentFence(tx: ReadTransaction, resource: string): bigint {
  return readInteger(tx, "SELECT CAST(fence AS TEXT) AS n FROM fence_mark WHERE resource = ?", resource);
}

/** The floor under the tokens of a lock, 0 if none was set. */
export function floor(tx: ReadTransaction, name: string): bigint {
  return readInteger(tx, "SELECT CAST(token AS TEXT) AS n FROM fence_epoch WHERE name = ?", name);
}

/** Raises the floor under the tokens of a lock; it never sinks. Returns the floor as it is now. */
export function raiseFloor(tx: WriteTransaction, name: string, token: bigint, nowMs: number): bigint {
  tx.statement(
    `INSERT INTO fence_epoch (name, token, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET token = excluded.token, updated_at = excluded.updated_at
      WHERE token < excluded.token`,
  ).run(name, token, nowMs);
  return floor(tx, name);
}

/** Text keeps every digit: a token in microseconds is past what a double should be trusted with for long. */
function readInteger(tx: ReadTransaction, sql: string, name: string): bigint {
  return BigInt(tx.statement<{ n: string }>(sql).get(name)?.n ?? 0);
}
