import { eq, lt } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import type { JsonObject } from "../schema/columns.ts";
import { jobEffect, type JobEffectRow } from "../schema/outbox.ts";

/**
 * Claims the effect of a job, in the transaction that has it. Returns false if it happened before: then the
 * caller must write nothing.
 */
export function insertOnce(
  tx: WriteTransaction,
  input: { jobKey: string; outboxId: string; result?: JsonObject | null; nowMs: number },
): boolean {
  const inserted = tx.orm
    .insert(jobEffect)
    .values({
      jobKey: input.jobKey,
      outboxId: input.outboxId,
      result: input.result ?? null,
      atMs: input.nowMs,
    })
    .onConflictDoNothing()
    .run();
  return inserted.changes > 0;
}

/** The effect of this key, if it has happened. */
export function find(tx: ReadTransaction, jobKey: string): JobEffectRow | undefined {
  return tx.orm.select().from(jobEffect).where(eq(jobEffect.jobKey, jobKey)).get();
}

/** Forgets effects older than an instant: their keys could then take effect again. */
export function deleteOlder(tx: WriteTransaction, beforeMs: number): number {
  return tx.orm.delete(jobEffect).where(lt(jobEffect.atMs, beforeMs)).run().changes;
}
