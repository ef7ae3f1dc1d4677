import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

export interface Order {
  readonly id: string;
  readonly amountCents: number;
  /** Made before the first call to the provider, and the same for every later one. */
  readonly idempotencyKey: string;
  /** `null` until it is paid. */
  readonly chargeId: string | null;
}

/** Somebody with a higher fencing token has written since: another process took over. Nothing was written. */
export class StaleFence extends Error {
  override readonly name = "StaleFence";
  readonly code = "STALE_FENCE";
}

export interface Orders extends Disposable {
  add(id: string, amountCents: number): void;
  /** The order as it is, or as it is to be paid: under a key that is on disk from now on. */
  beginPayment(id: string, fence: bigint): Order;
  markPaid(id: string, chargeId: string, fence: bigint): void;
  find(id: string): { readonly chargeId: string | null } | undefined;
}

/** Orders in an SQLite file. Each write carries a fencing token; one lower than the order's throws `StaleFence`. */
export function openOrders(path: string): Orders {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(`CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY,
    amount_cents INTEGER NOT NULL,
    idempotency_key TEXT,
    charge_id TEXT,
    fence INTEGER NOT NULL DEFAULT 0
  ) STRICT`);
  const insert = database.prepare("INSERT INTO orders (id, amount_cents) VALUES (?, ?)");
  const begin = database.prepare(
    `UPDATE orders SET idempotency_key = coalesce(idempotency_key, ?), fence = ?
      WHERE id = ? AND fence <= ?
  RETURNING id, amount_cents AS amountCents, idempotency_key AS idempotencyKey, charge_id AS chargeId`,
  );
  const pay = database.prepare("UPDATE orders SET charge_id = ?, fence = ? WHERE id = ? AND fence <= ?");
  const select = database.prepare("SELECT charge_id AS chargeId FROM orders WHERE id = ?");
  return {
    add(id, amountCents) {
      insert.run(id, amountCents);
    },
    beginPayment(id, fence) {
      const order = begin.get(randomUUID(), fence, id, fence) as Order | undefined;
      if (!order) {
        throw new StaleFence(`there is no order ${id}, or a newer holder than ${fence} works on it`);
      }
      return order;
    },
    markPaid(id, chargeId, fence) {
      if (pay.run(chargeId, fence, id, fence).changes === 0) {
        throw new StaleFence(`order ${id} is worked on by a newer holder than ${fence}`);
      }
    },
    find: (id) => select.get(id) as { chargeId: string | null } | undefined,
    [Symbol.dispose]() {
      database.close();
    },
  };
}
