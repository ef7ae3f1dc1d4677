import { type RunningRedis, startRedis } from "@cardinal/dev";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  concurrency,
  fixedWindow,
  type Limiter,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";
import { countCommands } from "./support/count-commands.ts";

const rules = {
  fixed: fixedWindow(100, "366d"),
  sliding: slidingWindow(100, "366d"),
  log: slidingWindowLog(100, "366d"),
  bucket: tokenBucket({ rate: 100, per: "366d" }),
  leases: concurrency(100, { ttl: "1h" }),
} as const;
const keys = { fixed: "ada", sliding: "bo", log: "cy", bucket: "dee", leases: "eve" };

type Limits = Limiter<typeof rules>;

/** What each method sends when all five rules of five identities are asked. */
const methods: readonly [name: string, sent: Record<string, number>, call: (limiter: Limits) => Promise<unknown>][] = [
  ["limit", { evalsha: 1 }, (limiter) => limiter.limit(keys)],
  ["limit without a cost", { evalsha: 1 }, (limiter) => limiter.limit(keys, { cost: 0 })],
  ["reserve", { evalsha: 1 }, (limiter) => limiter.reserve(keys, { cost: 3 })],
  ["peek", { evalsha: 1 }, (limiter) => limiter.peek(keys)],
  ["refund", { evalsha: 1 }, (limiter) => limiter.refund(keys)],
  ["penalize", { evalsha: 1 }, (limiter) => limiter.penalize(keys)],
  ["block", { evalsha: 1 }, (limiter) => limiter.block({ ...keys, fixed: "blocked" }, "1m")],
  ["unblock", { evalsha: 1 }, (limiter) => limiter.unblock(keys)],
  ["reset", { evalsha: 1 }, (limiter) => limiter.reset({ ...keys, fixed: "reset" })],
  ["wait for what is free", { evalsha: 1 }, (limiter) => limiter.wait(keys, { timeout: "1s" })],
  ["wait in turn for what is free", { evalsha: 2 }, (limiter) => limiter.wait(keys, { timeout: "1s", fair: true })],
  [
    "setLimit, both at once",
    { evalsha: 2 },
    (limiter) => limiter.setLimit({ fixed: "own" }, { fixed: fixedWindow(5, "1h") }, { ttl: "1h" }),
  ],
  ["limit of one with a limit of his own", { evalsha: 1 }, (limiter) => limiter.limit({ ...keys, fixed: "own" })],
  ["listLimits", { zrange: 1, get: 1 }, (limiter) => limiter.listLimits()],
  ["clearLimit, both at once", { evalsha: 2 }, (limiter) => limiter.clearLimit({ fixed: "own" })],
  ["stats, one a rule, all at once", { evalsha: 5 }, (limiter) => limiter.stats()],
];

describe("on one node", () => {
  let redis: RunningRedis;
  let test: TestCore;
  let limiter: Limits;

  beforeAll(async () => {
    redis = await startRedis();
    test = await createTestCore(redis.url);
    limiter = test.core.limiter("api", rules, { statistics: true });
    // Loads every script: a first run is one more command.
    for (const [, , call] of methods) {
      await call(limiter);
    }
    await (await limiter.limit(keys)).release();
    await (await limiter.reserve(keys)).settle(2);
  });

  afterAll(async () => {
    await test[Symbol.asyncDispose]();
    await redis.stop();
  });

  it.each(methods)("%s", async (_, sent, call) => {
    const commands = await countCommands(test.redis.port, () => call(limiter));
    expect(commands).toMatchObject(sent);
    expect(commands).not.toHaveProperty("eval");
    if (sent.evalsha === undefined) {
      expect(commands).not.toHaveProperty("evalsha");
    }
  });

  it("release and settle", async () => {
    const decision = await limiter.limit(keys);
    expect(await countCommands(test.redis.port, () => decision.release())).toMatchObject({ evalsha: 1 });
    expect(await countCommands(test.redis.port, () => decision.release())).not.toHaveProperty("evalsha");
    const budget = await limiter.reserve(keys, { cost: 3 });
    expect(await countCommands(test.redis.port, () => budget.settle(5))).toMatchObject({ evalsha: 1 });
  });

  it("a denial that this process knows", async () => {
    const known = { fixed: "flood" };
    const flooded = test.core.limiter("flooded", { fixed: rules.fixed });
    await flooded.limit(known, { cost: 100 });
    await flooded.limit(known);
    const commands = await countCommands(test.redis.port, async () => {
      for (let call = 0; call < 10; call += 1) {
        expect(await flooded.limit(known)).toMatchObject({ allowed: false, source: "blockCache" });
      }
    });
    expect(commands).not.toHaveProperty("evalsha");
  });

  it("many calls of one turn, together", async () => {
    const together = test.core.limiter("together", rules);
    const call = (index: number) => together.limit({ ...keys, fixed: `turn-${index % 5}` });
    await Promise.all([call(0), call(1)]);
    const commands = await countCommands(test.redis.port, () =>
      Promise.all(Array.from({ length: 30 }, (_, index) => call(index))),
    );
    expect(commands.evalsha).toBe(1);
  });
});
