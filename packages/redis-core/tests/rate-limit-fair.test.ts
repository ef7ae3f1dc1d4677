import { startRedis } from "@cardinal/dev";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { concurrency, type LimitRules, slidingWindowLog, tokenBucket } from "../src/rate-limit/index.ts";
import { connectRedis } from "../src/connection/connect-redis.ts";
import { createRedisCore } from "../src/core.ts";
import { eventually } from "./support/eventually.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const keys = { user: "ada" };

async function findQueue(test: TestCore): Promise<string | undefined> {
  return (await test.listKeys()).find((key) => key.includes(":limit:queue:"));
}

async function queueLength(test: TestCore): Promise<number> {
  const queue = await findQueue(test);
  return queue === undefined ? 0 : Number(await test.redis.port.command("ZCARD", [queue], []));
}

describe("waiting in turn", () => {
  it.each([
    ["a bucket", { user: tokenBucket({ rate: 20, per: "1s", burst: 1 }) }],
    ["a log", { user: slidingWindowLog(2, 100) }],
    ["leases", { user: concurrency(1, { ttl: "1m" }) }],
  ] as const)("for %s passes in the order of asking, over all processes", async (_, rules: LimitRules) => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const limiters = [test, other].map(({ core }) => core.limiter("api", rules));
    const held = await limiters[0]?.limit(keys);
    const passed: number[] = [];
    const waiting: Promise<void>[] = [];
    for (let number = 0; number < 8; number += 1) {
      const limiter = limiters[number % 2];
      waiting.push(
        (async () => {
          const decision = await limiter?.wait(keys, { timeout: "20s", fair: true });
          expect(decision?.allowed).toBe(true);
          passed.push(number);
          await decision?.release();
        })(),
      );
      await eventually(async () => expect(passed.length + (await queueLength(test))).toBeGreaterThan(number));
    }
    await held?.release();
    await Promise.all(waiting);
    expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await queueLength(test)).toBe(0);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("is held up for seconds at most by one who died, and not at all by one who gave up", async () => {
    await using test = await createTestCore(url);
    await using workers = await startWorkers("fair-wait-worker.ts", 1, url, test.prefix);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(1, 300) });
    await limiter.limit(keys);
    await limiter.block(keys, "1h");
    workers.all[0]?.process.send({ user: "ada" });
    await eventually(async () => expect(await queueLength(test)).toBe(1));
    const leaving = new AbortController();
    const left = limiter.wait(keys, { timeout: "1h", fair: true, signal: leaving.signal });
    await eventually(async () => expect(await queueLength(test)).toBe(2));
    const next = limiter.wait(keys, { timeout: "1m", fair: true });
    await eventually(async () => expect(await queueLength(test)).toBe(3));
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await eventually(async () => expect(await queueLength(test)).toBe(2));
    workers.all[0]?.process.kill("SIGKILL");
    await limiter.unblock(keys);
    expect((await next).allowed).toBe(true);
  });

  it("answers the denial at its timeout, at once when nothing can pass by then, and when the queue is full", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(1, "1h") });
    await limiter.limit(keys);
    const denied = await limiter.wait(keys, { timeout: "30m", fair: true });
    expect(denied).toMatchObject({ allowed: false, limitedBy: "user" });
    expect(await queueLength(test)).toBe(0);
    const leaving = new AbortController();
    const first = limiter.wait(keys, { timeout: "2h", fair: true, signal: leaving.signal });
    await eventually(async () => expect(await queueLength(test)).toBe(1));
    expect((await limiter.wait(keys, { timeout: 50, fair: true })).allowed).toBe(false);
    const others = Array.from({ length: 999 }, (_, index) => [index + 10, `other-${index} 1`]).flat();
    await test.redis.port.command("ZADD", [(await findQueue(test)) ?? ""], others);
    expect((await limiter.wait(keys, { timeout: "1h", fair: true })).allowed).toBe(false);
    leaving.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
  });

  it("goes on without an order while Redis is away", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url, deadlineMs: 300 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "fair-away" });
    const limiter = core.limiter("api", { user: slidingWindowLog(1, "1h") });
    await redis.stop();
    expect(await limiter.wait(keys, { timeout: "1s", fair: true })).toMatchObject({ allowed: true, source: "local" });
  });
});
