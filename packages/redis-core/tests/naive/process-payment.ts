/** F6 in a payment: refuse when paid, charge, mark paid, under SET NX; nothing tells the provider or the order who asks. */
import { Redis } from "ioredis";
import { openOrders } from "../../examples/payment/orders.ts";

const [redisUrl = "", database = "", providerUrl = "", orderId = "", leaseMs = ""] = process.argv.slice(2);
const redis = new Redis(redisUrl);
const orders = openOrders(database);

async function processPayment(): Promise<string> {
  const token = Math.random().toString(36).slice(2);
  while ((await redis.set(`naive:${orderId}`, token, "PX", Number(leaseMs), "NX")) === null) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  const paid = orders.find(orderId)?.chargeId;
  if (paid) {
    return paid;
  }
  const response = await fetch(new URL("/charges", providerUrl), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ amountCents: 4_200 }),
  });
  const { id } = (await response.json()) as { id: string };
  orders.markPaid(orderId, id, 0n);
  return id;
}

process.stdout.write(`${JSON.stringify({ orderId, chargeId: await processPayment() })}\n`);
redis.disconnect();
orders[Symbol.dispose]();
