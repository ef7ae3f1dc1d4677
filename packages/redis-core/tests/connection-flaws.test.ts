import { startRedis, startTcpProxy } from "@cardinal/dev";
import { describe, expect, it } from "vitest";
import { connectRedis } from "../src/connection/index.ts";
import { createRedisCore, isOutage } from "../src/index.ts";
import { openResendingCounter } from "./naive/resending-client.ts";
import { openScriptsInMulti } from "./naive/scripts-in-multi.ts";

/** Increments of 1 while the server forgets its scripts before each: the totals that were answered. */
async function countWhileFlushed(
  increment: (by: number) => Promise<number>,
  flush: () => Promise<unknown>,
): Promise<number[]> {
  const totals: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await flush();
    totals.push(await increment(1));
  }
  return totals;
}

describe("a server that forgets its scripts (F17)", () => {
  const right = [1, 2, 3, 4, 5];

  it("breaks scripts inside MULTI", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url });
    await connection.ready();
    const naive = await openScriptsInMulti(redis.url);
    const flush = () => connection.port.command("SCRIPT FLUSH", [], []);
    expect(await countWhileFlushed((by) => naive.increment("total", by), flush)).not.toEqual(right);
    naive.close();
  });

  it("changes nothing for ours", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "f17" });
    const flush = () => connection.port.command("SCRIPT FLUSH", [], []);
    const increment = (by: number) => core.counter("totals").increment("total", { by });
    expect(await countWhileFlushed(increment, flush)).toEqual(right);
  });
});

/** Ten calls, of which every second loses its reply: what was confirmed, what is unknown. */
async function countWhileRepliesAreLost(
  increment: (call: number) => Promise<unknown>,
): Promise<{ confirmed: number; unknown: number }> {
  let confirmed = 0;
  let unknown = 0;
  for (let call = 0; call < 10; call += 1) {
    try {
      await increment(call);
      confirmed += 1;
    } catch (error) {
      expect(isOutage(error)).toBe(true);
      unknown += 1;
    }
  }
  return { confirmed, unknown };
}

describe("replies that are lost (F18)", () => {
  it("make a client that sends again count twice", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: redis.url });
    await connection.ready();
    const naive = await openResendingCounter(proxy.url());
    await proxy.setMode("cut-after-request-before-reply", { match: /incr/i, every: 2 });
    const { confirmed, unknown } = await countWhileRepliesAreLost(() => naive.increment("total"));
    naive.close();
    const stored = Number(await connection.port.command("GET", ["total"], []));
    expect(stored).toBeGreaterThan(confirmed + unknown);
  });

  it("are unknown to ours, or made good by the operation's id, and nothing counts twice", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 5_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "f18" });
    const totals = core.counter("totals");
    await proxy.setMode("cut-after-request-before-reply", { match: "operation", every: 2 });
    const { confirmed, unknown } = await countWhileRepliesAreLost(async (call) => {
      await connection.ready();
      await totals.increment("total", { operationId: `operation-${call}` });
    });
    await proxy.setMode("pass");
    await connection.ready();
    const stored = (await totals.get(["total"])).get("total") ?? 0;
    expect(proxy.counters().cuts).toBeGreaterThan(0);
    expect(stored).toBeGreaterThanOrEqual(confirmed);
    expect(stored).toBeLessThanOrEqual(confirmed + unknown);
  });
});
