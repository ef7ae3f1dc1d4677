import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startRedis, type RunningRedis } from "@cardinal/dev";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { startFakeProvider } from "../examples/payment/fake-provider.ts";
import { openOrders } from "../examples/payment/orders.ts";
import type { Payment } from "../examples/payment/pay-order.ts";
import type { Charge } from "../examples/payment/provider-client.ts";
import { deferred } from "./support/deferred.ts";

type Kind = "ours" | "naive";
type Outcome = Payment | { readonly code: string };

/** Long enough for a busy machine: who is too slow to renew rightly loses the lock. */
const leaseMs = 1_500;
let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

interface Payer {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome | null>;
}

/** An order, a provider whose first reply the test lets go, and processes that pay. */
async function openShop(
  { onTestFinished }: TestContext,
  orderId: string,
  { holdsFirstReply }: { readonly holdsFirstReply: boolean },
) {
  const folder = await mkdtemp(join(tmpdir(), "cardinal-payment-"));
  const charged = deferred<Charge>();
  const reply = deferred<void>();
  const provider = await startFakeProvider({
    afterCharge: async (charge) => {
      charged.resolve(charge);
      if (holdsFirstReply && provider.charges.length === 1) {
        await reply.promise;
      }
    },
  });
  const database = join(folder, "orders.db");
  const orders = openOrders(database);
  orders.add(orderId, 4_200);
  const payers: ChildProcess[] = [];
  onTestFinished(async () => {
    payers.forEach((payer) => payer.kill("SIGKILL"));
    reply.resolve();
    await provider[Symbol.asyncDispose]();
    orders[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  const pay = (kind: Kind, more: readonly string[] = ["--lease", `${leaseMs}ms`]): Payer => {
    const script = kind === "ours" ? "../examples/payment/main.ts" : "naive/process-payment.ts";
    const last = kind === "ours" ? more : [String(leaseMs)];
    const args = [join(import.meta.dirname, script), redis.url, database, provider.url, orderId, ...last];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    payers.push(child);
    const outcome = text(child.stdout).then((line) => (line === "" ? null : (JSON.parse(line) as Outcome)));
    return { process: child, outcome };
  };
  return { provider, orders, charged: charged.promise, letGo: () => reply.resolve(), pay };
}

describe.concurrent("an order", () => {
  it("that three processes pay at the same time is charged once, and all of them learn of it", async (context) => {
    const shop = await openShop(context, "order-1", { holdsFirstReply: false });
    const payers = Array.from({ length: 3 }, () => shop.pay("ours", ["--lease", "20s"]));
    const outcomes = (await Promise.all(payers.map(({ outcome }) => outcome))) as Payment[];
    expect(shop.provider.charges).toHaveLength(1);
    expect(shop.provider.requests).toBe(1);
    expect(new Set(outcomes.map(({ chargeId }) => chargeId))).toEqual(new Set([shop.provider.charges[0]?.id]));
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it.for([
    { kind: "naive", charges: 2 },
    { kind: "ours", charges: 1 },
  ] as const)(
    "whose payer is stopped past its lease is charged $charges time(s): $kind (F6)",
    async ({ kind, charges }, context) => {
      const shop = await openShop(context, "order-2", { holdsFirstReply: true });
      const stopped = shop.pay(kind);
      const first = await shop.charged;
      stopped.process.kill("SIGSTOP");
      const next = (await shop.pay(kind).outcome) as Payment;
      shop.letGo();
      stopped.process.kill("SIGCONT");
      const late = await stopped.outcome;
      expect(shop.provider.charges).toHaveLength(charges);
      if (kind === "ours") {
        expect(next).toEqual({ orderId: "order-2", chargeId: first.id, isNew: true });
        expect(late).toMatchObject({ code: expect.stringMatching(/^(LOCK_LOST|STALE_FENCE)$/) });
        expect(shop.orders.find("order-2")?.chargeId).toBe(first.id);
      }
    },
  );

  it.for([
    { kind: "naive", charges: 2 },
    { kind: "ours", charges: 1 },
  ] as const)(
    "whose payer is killed after the charge is charged $charges time(s): $kind (F6)",
    async ({ kind, charges }, context) => {
      const shop = await openShop(context, "order-3", { holdsFirstReply: true });
      const killed = shop.pay(kind);
      const first = await shop.charged;
      killed.process.kill("SIGKILL");
      expect(await killed.outcome).toBeNull();
      const next = (await shop.pay(kind).outcome) as Payment;
      expect(shop.provider.charges).toHaveLength(charges);
      if (kind === "ours") {
        expect(next).toEqual({ orderId: "order-3", chargeId: first.id, isNew: true });
        expect(shop.orders.find("order-3")?.chargeId).toBe(first.id);
      }
    },
  );

});

describe("an order", () => {
  it("is not charged without Redis, and is paid when it is back", async (context) => {
    const shop = await openShop(context, "order-4", { holdsFirstReply: false });
    const { port } = redis;
    await redis.stop();
    const away = shop.pay("ours", ["--connect-within", "1000"]);
    expect(await away.outcome).toMatchObject({ code: expect.any(String) });
    expect(shop.provider.requests).toBe(0);
    redis = await startRedis({ port });
    const paid = await shop.pay("ours").outcome;
    expect(paid).toMatchObject({ isNew: true, chargeId: shop.provider.charges[0]?.id });
    expect(shop.provider.charges).toHaveLength(1);
  });
});
