import { and, eq, gt, isNull, lt } from "drizzle-orm";
import type { WriteTransaction } from "../database/transaction.ts";
import { oneTimeToken, type OneTimeTokenRow } from "../schema/token.ts";

export type NewOneTimeToken = Omit<OneTimeTokenRow, "usedAtMs">;

/** Records a token by its hash. An earlier unused one of the same purpose stops working. */
export function insert(tx: WriteTransaction, input: NewOneTimeToken): OneTimeTokenRow {
  tx.orm
    .delete(oneTimeToken)
    .where(
      and(
        eq(oneTimeToken.userId, input.userId),
        eq(oneTimeToken.purpose, input.purpose),
        isNull(oneTimeToken.usedAtMs),
      ),
    )
    .run();
  return tx.orm.insert(oneTimeToken).values(input).returning().get();
}

/** Uses a token up. Returns it to exactly one caller, and only before it expires. */
export function consume(
  tx: WriteTransaction,
  input: { id: string; purpose: OneTimeTokenRow["purpose"]; nowMs: number },
): OneTimeTokenRow | undefined {
  return tx.orm
    .update(oneTimeToken)
    .set({ usedAtMs: input.nowMs })
    .where(
      and(
        eq(oneTimeToken.id, input.id),
        eq(oneTimeToken.purpose, input.purpose),
        isNull(oneTimeToken.usedAtMs),
        gt(oneTimeToken.expiresAtMs, input.nowMs),
      ),
    )
    .returning()
    .get();
}

/** Forgets tokens that expired before an instant. */
export function deleteExpired(tx: WriteTransaction, beforeMs: number): number {
  return tx.orm.delete(oneTimeToken).where(lt(oneTimeToken.expiresAtMs, beforeMs)).run().changes;
}
