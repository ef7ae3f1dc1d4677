import { desc, eq, inArray, lt } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { mail, type MailRow } from "../schema/mail.ts";

export interface NewMail {
  id?: string;
  /** One key, one mail. */
  idempotencyKey: string;
  userId?: string | null;
  template: string;
  toAddress: string;
  toName?: string;
  fromAddress: string;
  subject: string;
  text: string;
  html: string;
  state?: MailRow["state"];
  sentAtMs?: number | null;
  nowMs: number;
}

/** Records a mail once per idempotency key. A repeated one returns the first, with `isNew: false`. */
export function insertOnce(tx: WriteTransaction, input: NewMail): { mail: MailRow; isNew: boolean } {
  const { nowMs, ...values } = input;
  const inserted = tx.orm
    .insert(mail)
    .values({ ...values, id: input.id ?? newId(), state: input.state ?? "stored", createdAtMs: nowMs })
    .onConflictDoNothing({ target: mail.idempotencyKey })
    .returning()
    .get();
  if (inserted !== undefined) return { mail: inserted, isNew: true };
  const first = findByKey(tx, input.idempotencyKey);
  if (first === undefined) throw new Error(`mail lost key ${input.idempotencyKey}`);
  return { mail: first, isNew: false };
}

/** Mails, newest first. */
export function list(tx: ReadTransaction, limit: number): MailRow[] {
  return tx.orm.select().from(mail).orderBy(desc(mail.createdAtMs), desc(mail.id)).limit(limit).all();
}

export function findById(tx: ReadTransaction, id: string): MailRow | undefined {
  return tx.orm.select().from(mail).where(eq(mail.id, id)).get();
}

export function findByKey(tx: ReadTransaction, idempotencyKey: string): MailRow | undefined {
  return tx.orm.select().from(mail).where(eq(mail.idempotencyKey, idempotencyKey)).get();
}

/** Notes that the mail server took it. */
export function markSent(tx: WriteTransaction, id: string, nowMs: number): void {
  tx.orm.update(mail).set({ state: "sent", sentAtMs: nowMs, error: null }).where(eq(mail.id, id)).run();
}

/** Notes that the mail server refused it. */
export function markFailed(tx: WriteTransaction, id: string, error: string): void {
  tx.orm.update(mail).set({ state: "failed", error }).where(eq(mail.id, id)).run();
}

/** Forgets mails recorded before an instant, at most `limit`. Returns how many went. */
export function deleteOlder(tx: WriteTransaction, beforeMs: number, limit: number): number {
  const old = tx.orm.select({ id: mail.id }).from(mail).where(lt(mail.createdAtMs, beforeMs)).limit(limit);
  return tx.orm.delete(mail).where(inArray(mail.id, old)).run().changes;
}
