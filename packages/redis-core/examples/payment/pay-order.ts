import type { Duration, RedisCore } from "@cardinal/redis-core";
import type { Orders } from "./orders.ts";
import type { ProviderClient } from "./provider-client.ts";

export interface Payment {
  readonly orderId: string;
  readonly chargeId: string;
  /** False when somebody else had paid it. */
  readonly isNew: boolean;
}

/**
 * Pays an order exactly once, whoever else tries at the same time, before or after. Rejects when the outcome is not
 * certain (the lock was lost, the provider did not answer, Redis is away): calling again goes on from there and
 * never charges twice.
 */
export async function payOrder(
  { core, orders, provider }: { core: RedisCore; orders: Orders; provider: ProviderClient },
  orderId: string,
  { lease = "10s" }: { readonly lease?: Duration } = {},
): Promise<Payment> {
  const lock = core.lock(`order:${orderId}`, { lease, wait: "30s" });
  return await lock.run(async ({ signal, token }) => {
    const order = orders.beginPayment(orderId, token);
    if (order.chargeId !== null) {
      return { orderId, chargeId: order.chargeId, isNew: false };
    }
    const { amountCents, idempotencyKey } = order;
    const charge = await provider.charge({ amountCents, idempotencyKey, signal });
    orders.markPaid(orderId, charge.id, token);
    return { orderId, chargeId: charge.id, isNew: true };
  });
}
