import { eq, inArray, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { jobEffect, outbox, type OutboxRow } from "../schema/outbox.ts";

/** Whether a pending row's time has come. Cheap; takes no lock. */
export function hasDueRow(tx: ReadTransaction, nowMs: number): boolean {
  const row = tx
    .statement<{ found: 1 }>("SELECT 1 AS found FROM outbox WHERE state = 'pending' AND run_at <= ? LIMIT 1")
    .get(nowMs);
  return row !== undefined;
}

const DUE_ROWS = `
  SELECT o.id, o.owner_id AS ownerId, o.queue
  FROM outbox o
  WHERE o.state = 'pending' AND o.run_at <= ?
    AND o.queue NOT IN (SELECT value FROM json_each(?))
    AND (o.owner_id IS NULL OR o.owner_id NOT IN (SELECT value FROM json_each(?)))
    AND (o.ordering_key IS NULL OR NOT EXISTS (
      SELECT 1 FROM outbox e
      WHERE e.ordering_key = o.ordering_key AND e.state IN ('pending', 'queued') AND e.position < o.position))
  ORDER BY o.run_at, o.position
  LIMIT ?`;

/**
 * Moves due rows from pending to queued and returns them in the order to relay. A row waits while an earlier one of
 * its ordering key is open, while its owner has `maxQueuedPerOwner` rows queued or its queue `maxQueuedPerQueue`.
 * An empty result means that nothing can be claimed now; otherwise there may be more.
 */
export function claimDueRows(
  tx: WriteTransaction,
  options: { nowMs: number; limit: number; maxQueuedPerOwner: number; maxQueuedPerQueue: number },
): OutboxRow[] {
  const owners = countQueued(tx, "SELECT owner_id AS name, count(*) AS rows FROM outbox WHERE state = 'queued' AND owner_id IS NOT NULL GROUP BY owner_id");
  const queues = countQueued(tx, "SELECT queue AS name, count(*) AS rows FROM outbox WHERE state = 'queued' GROUP BY queue");
  const candidates = tx
    .statement<{ id: string; ownerId: string | null; queue: string }>(DUE_ROWS)
    .all(
      options.nowMs,
      namesWithAtLeast(queues, options.maxQueuedPerQueue),
      namesWithAtLeast(owners, options.maxQueuedPerOwner),
      options.limit,
    );
  const ids = candidates
    .filter(({ ownerId, queue }) => {
      const hasRoom =
        (queues.get(queue) ?? 0) < options.maxQueuedPerQueue &&
        (ownerId === null || (owners.get(ownerId) ?? 0) < options.maxQueuedPerOwner);
      if (!hasRoom) return false;
      queues.set(queue, (queues.get(queue) ?? 0) + 1);
      if (ownerId !== null) owners.set(ownerId, (owners.get(ownerId) ?? 0) + 1);
      return true;
    })
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  const claimed = tx.orm
    .update(outbox)
    .set({ state: "queued", updatedAtMs: options.nowMs })
    .where(inArray(outbox.id, ids))
    .returning()
    .all();
  const rows = new Map(claimed.map((row) => [row.id, row]));
  return ids.flatMap((id) => rows.get(id) ?? []);
}

function countQueued(tx: ReadTransaction, query: string): Map<string, number> {
  return new Map(
    tx
      .statement<{ name: string; rows: number }>(query)
      .all()
      .map(({ name, rows }) => [name, rows]),
  );
}

function namesWithAtLeast(counts: ReadonlyMap<string, number>, limit: number): string {
  return JSON.stringify([...counts].filter(([, rows]) => rows >= limit).map(([name]) => name));
}

/** Queued rows in order of commitment, a page at a time. */
export function listQueuedRows(tx: ReadTransaction, page: { afterPosition: number; limit: number }): OutboxRow[] {
  return tx.orm
    .select()
    .from(outbox)
    .where(sql`state = 'queued' and position > ${page.afterPosition}`)
    .orderBy(outbox.position)
    .limit(page.limit)
    .all();
}

/** Closes a queued row as done; false when it is not queued (any more). */
export function closeAsDone(tx: WriteTransaction, row: { id: string; nowMs: number }): boolean {
  return (
    tx
      .statement(
        "UPDATE outbox SET state = 'done', attempts = attempts + 1, updated_at = ? WHERE id = ? AND state = 'queued'",
      )
      .run(row.nowMs, row.id).changes === 1
  );
}

/** Records a failed run of a queued row, which stays queued or becomes dead; false when it is not queued any more. */
export function recordRunFailure(
  tx: WriteTransaction,
  run: { id: string; state: "queued" | "dead"; attempts: number; lastError: string; nowMs: number },
): boolean {
  return (
    tx
      .statement(
        "UPDATE outbox SET state = ?, attempts = ?, last_error = ?, updated_at = ? WHERE id = ? AND state = 'queued'",
      )
      .run(run.state, run.attempts, run.lastError, run.nowMs, run.id).changes === 1
  );
}

/** Sets a dead row back to pending with all its attempts; false when it is not dead. Its last error stays. */
export function replayDeadRow(tx: WriteTransaction, row: { id: string; nowMs: number }): boolean {
  return (
    tx
      .statement(
        "UPDATE outbox SET state = 'pending', attempts = 0, run_at = ?, updated_at = ? WHERE id = ? AND state = 'dead'",
      )
      .run(row.nowMs, row.nowMs, row.id).changes === 1
  );
}

/** Proves an effect; false when an effect of this key exists already. */
export function insertJobEffect(
  tx: WriteTransaction,
  effect: { jobKey: string; outboxId: string; atMs: number },
): boolean {
  return tx.orm.insert(jobEffect).values(effect).onConflictDoNothing().run().changes === 1;
}

export function findJobEffect(tx: ReadTransaction, jobKey: string): { outboxId: string; atMs: number } | null {
  return (
    tx.orm
      .select({ outboxId: jobEffect.outboxId, atMs: jobEffect.atMs })
      .from(jobEffect)
      .where(eq(jobEffect.jobKey, jobKey))
      .get() ?? null
  );
}

/** Rows by state, and how long ago (epoch ms) the oldest due pending row could have run. */
export function countOutbox(
  tx: ReadTransaction,
  nowMs: number,
): { states: Record<OutboxRow["state"], number>; oldestDueAtMs: number | null } {
  const states = { pending: 0, queued: 0, done: 0, dead: 0 };
  const counts = tx
    .statement<{ state: OutboxRow["state"]; rows: number }>("SELECT state, count(*) AS rows FROM outbox GROUP BY state")
    .all();
  for (const { state, rows } of counts) states[state] = rows;
  const oldest = tx
    .statement<{ at: number | null }>("SELECT min(run_at) AS at FROM outbox WHERE state = 'pending' AND run_at <= ?")
    .get(nowMs);
  return { states, oldestDueAtMs: oldest?.at ?? null };
}

/**
 * Deletes at most `limit` closed rows, and as many effects, that ended before the instants given. Returns how many
 * rows went; fewer than `limit` means that none is left.
 */
export function trimClosedRows(
  tx: WriteTransaction,
  options: { doneBeforeMs: number; deadBeforeMs: number; limit: number },
): number {
  const trim = (state: "done" | "dead", beforeMs: number): number =>
    tx
      .statement(
        `DELETE FROM outbox WHERE position IN (
           SELECT position FROM outbox WHERE state = ? AND updated_at < ? ORDER BY position LIMIT ?)`,
      )
      .run(state, beforeMs, options.limit).changes;
  tx.statement(
    "DELETE FROM job_effect WHERE job_key IN (SELECT job_key FROM job_effect WHERE at < ? LIMIT ?)",
  ).run(options.doneBeforeMs, options.limit);
  return trim("done", options.doneBeforeMs) + trim("dead", options.deadBeforeMs);
}
