import { and, asc, desc, eq, gt, inArray, lt, or, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import type { JsonObject } from "../schema/columns.ts";
import { outbox, type OutboxRow, type OutboxState } from "../schema/outbox.ts";

export interface NewOutboxRow {
  id?: string;
  queue: string;
  jobName: string;
  payloadVersion: number;
  payload: JsonObject;
  orderingKey?: string | null;
  ownerId?: string | null;
  /** Default: now. */
  runAtMs?: number;
  /** Default: the row's id, hence an effect of its own. */
  jobKey?: string;
  nowMs: number;
}

/** How many of an owner's waiting rows are looked at for ones that may go; more wait their turn. */
const WINDOW = 1_000;

/** Puts a job into the outbox: it will run if and only if this transaction commits. */
export function insert(tx: WriteTransaction, input: NewOutboxRow): OutboxRow {
  const id = input.id ?? newId();
  return tx.orm
    .insert(outbox)
    .values({
      id,
      orderingKey: input.orderingKey ?? null,
      ownerId: input.ownerId ?? null,
      queue: input.queue,
      jobName: input.jobName,
      payloadVersion: input.payloadVersion,
      payload: input.payload,
      jobKey: input.jobKey ?? id,
      runAtMs: input.runAtMs ?? input.nowMs,
      createdAtMs: input.nowMs,
      updatedAtMs: input.nowMs,
    })
    .returning()
    .get();
}

/**
 * Rows that may be handed to the queue now: due, pending, the first open row of their ordering key, and
 * within their owner's share (`perOwner` rows queued at once; rows without an owner have no cap). Owners take
 * turns. Reading changes nothing: add them to the queue under their ids, then call `markQueued`.
 */
export function listRelayable(
  tx: ReadTransaction,
  options: { nowMs: number; limit: number; perOwner: number },
): OutboxRow[] {
  const turns: { position: number; turn: number }[] = [];
  for (const ownerId of [null, ...pendingOwners(tx)]) {
    const share = ownerId === null ? options.limit : options.perOwner - countQueued(tx, ownerId);
    if (share <= 0) continue;
    const mayGo = tx
      .statement<{ position: number }>(MAY_GO)
      .all({ ownerId, nowMs: options.nowMs, window: WINDOW, share: Math.min(share, options.limit) });
    mayGo.forEach(({ position }, turn) => turns.push({ position, turn }));
  }
  const chosen = turns.sort((a, b) => a.turn - b.turn || a.position - b.position).slice(0, options.limit);
  if (chosen.length === 0) return [];
  const positions = chosen.map((row) => row.position);
  const rows = tx.orm.select().from(outbox).where(inArray(outbox.position, positions)).all();
  const byPosition = new Map(rows.map((row) => [row.position, row]));
  return positions.flatMap((position) => byPosition.get(position) ?? []);
}

/** Pending → queued, for rows that were added to the queue. Rows in another state stay as they are. */
export function markQueued(tx: WriteTransaction, ids: readonly string[], nowMs: number): number {
  if (ids.length === 0) return 0;
  return tx.orm
    .update(outbox)
    .set({ state: "queued", updatedAtMs: nowMs })
    .where(and(inArray(outbox.id, [...ids]), eq(outbox.state, "pending")))
    .run().changes;
}

/** Closes a row whose effect happened, in the transaction of that effect. False if it was closed before. */
export function markDone(
  tx: WriteTransaction,
  id: string,
  close: { attempts: number; nowMs: number },
): boolean {
  return changeOpenRow(tx, id, {
    state: "done",
    attempts: close.attempts,
    lastError: null,
    updatedAtMs: close.nowMs,
  });
}

/** Closes a row that will not be tried again. False if it was closed before. */
export function markDead(
  tx: WriteTransaction,
  id: string,
  close: { attempts: number; error: string; nowMs: number },
): boolean {
  return changeOpenRow(tx, id, {
    state: "dead",
    attempts: close.attempts,
    lastError: close.error,
    updatedAtMs: close.nowMs,
  });
}

/** Notes a failed attempt of an open row that will be tried again. */
export function recordFailure(
  tx: WriteTransaction,
  id: string,
  failure: { attempts: number; error: string; nowMs: number },
): boolean {
  return changeOpenRow(tx, id, {
    attempts: failure.attempts,
    lastError: failure.error,
    updatedAtMs: failure.nowMs,
  });
}

/** Opens a dead row again, to be relayed anew. False if it is not dead. */
export function replay(tx: WriteTransaction, id: string, nowMs: number): boolean {
  return (
    tx.orm
      .update(outbox)
      .set({ state: "pending", attempts: 0, runAtMs: nowMs, updatedAtMs: nowMs })
      .where(and(eq(outbox.id, id), eq(outbox.state, "dead")))
      .run().changes > 0
  );
}

/** Queued rows after a position, in order: those whose job the queue has lost are to be added again. */
export function listQueued(
  tx: ReadTransaction,
  options: { afterPosition?: number; updatedBeforeMs?: number; limit: number },
): OutboxRow[] {
  return tx.orm
    .select()
    .from(outbox)
    .where(
      and(
        eq(outbox.state, "queued"),
        gt(outbox.position, options.afterPosition ?? 0),
        options.updatedBeforeMs === undefined ? undefined : lt(outbox.updatedAtMs, options.updatedBeforeMs),
      ),
    )
    .orderBy(asc(outbox.position))
    .limit(options.limit)
    .all();
}

/** Rows newest first, of one owner or of everyone, in one state or any. */
export function list(
  tx: ReadTransaction,
  options: {
    ownerId?: string | undefined;
    state?: OutboxState | undefined;
    beforePosition?: number | undefined;
    limit: number;
  },
): OutboxRow[] {
  return tx.orm
    .select()
    .from(outbox)
    .where(
      and(
        options.ownerId === undefined ? undefined : eq(outbox.ownerId, options.ownerId),
        options.state === undefined ? undefined : eq(outbox.state, options.state),
        options.beforePosition === undefined ? undefined : lt(outbox.position, options.beforePosition),
      ),
    )
    .orderBy(desc(outbox.position))
    .limit(options.limit)
    .all();
}

export function find(tx: ReadTransaction, id: string): OutboxRow | undefined {
  return tx.orm.select().from(outbox).where(eq(outbox.id, id)).get();
}

/** When the next pending row falls due, undefined if none is pending. */
export function nextRunAtMs(tx: ReadTransaction): number | undefined {
  return (
    tx
      .statement<{ at: number | null }>(
        "SELECT min(run_at) AS at FROM outbox INDEXED BY outbox_pending WHERE state = 'pending'",
      )
      .get()?.at ?? undefined
  );
}

export function countByState(tx: ReadTransaction): Record<OutboxState, number> {
  const counts: Record<OutboxState, number> = { pending: 0, queued: 0, done: 0, dead: 0 };
  const rows = tx
    .statement<{ state: OutboxState; n: number }>("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    .all();
  for (const row of rows) counts[row.state] = row.n;
  return counts;
}

/** Forgets rows closed before an instant, at most `limit`. Dead ones are kept until `deadBeforeMs`. */
export function deleteClosed(
  tx: WriteTransaction,
  options: { doneBeforeMs: number; deadBeforeMs: number; limit: number },
): number {
  const old = or(
    and(eq(outbox.state, "done"), lt(outbox.updatedAtMs, options.doneBeforeMs)),
    and(eq(outbox.state, "dead"), lt(outbox.updatedAtMs, options.deadBeforeMs)),
  );
  const positions = tx.orm.select({ position: outbox.position }).from(outbox).where(old).limit(options.limit);
  return tx.orm.delete(outbox).where(inArray(outbox.position, positions)).run().changes;
}

// The planner takes the index on (state, position) by itself, and then walks over every pending row.

/** Due rows of one owner (or of nobody) that no earlier open row of their key stands before, oldest first. */
const MAY_GO = `
  SELECT w.position FROM (
    SELECT position, ordering_key FROM outbox INDEXED BY outbox_pending_owner
     WHERE state = 'pending' AND owner_id IS :ownerId AND run_at <= :nowMs ORDER BY position LIMIT :window) w
   WHERE w.ordering_key IS NULL OR w.position = (
    SELECT min(e.position) FROM outbox e
     WHERE e.ordering_key = w.ordering_key AND e.state IN ('pending', 'queued'))
   ORDER BY w.position LIMIT :share`;

/** Every owner with a pending row, found by jumping through the index from one to the next. */
const PENDING_OWNERS = `
  WITH RECURSIVE owner (id) AS (
    SELECT min(owner_id) FROM outbox INDEXED BY outbox_pending_owner
     WHERE state = 'pending' AND owner_id IS NOT NULL
    UNION ALL
    SELECT (SELECT min(owner_id) FROM outbox INDEXED BY outbox_pending_owner
             WHERE state = 'pending' AND owner_id > owner.id)
      FROM owner WHERE owner.id IS NOT NULL)
  SELECT id FROM owner WHERE id IS NOT NULL`;

function pendingOwners(tx: ReadTransaction): string[] {
  return tx
    .statement<{ id: string }>(PENDING_OWNERS)
    .all()
    .map((row) => row.id);
}

function countQueued(tx: ReadTransaction, ownerId: string): number {
  const row = tx
    .statement<{ n: number }>("SELECT count(*) AS n FROM outbox WHERE state = 'queued' AND owner_id = ?")
    .get(ownerId);
  return row?.n ?? 0;
}

function changeOpenRow(tx: WriteTransaction, id: string, values: Partial<OutboxRow>): boolean {
  const open = and(eq(outbox.id, id), sql`${outbox.state} in ('pending', 'queued')`);
  return tx.orm.update(outbox).set(values).where(open).run().changes > 0;
}
