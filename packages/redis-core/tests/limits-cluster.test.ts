import { startCluster } from "@cardinal/dev";
import { expect, test } from "vitest";
import type { RedisCore } from "../src/core.ts";
import { concurrency, fixedWindow } from "../src/rate-limit/index.ts";
import { createTestCore } from "../src/testing/index.ts";

test("on a Cluster locks of every kind hold, and limits over several slots are given back whole", async () => {
  const cluster = await startCluster({ masters: 3 });
  const url = `redis+cluster://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  try {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    for (const name of ["one", "two", "three", "four"]) {
      const locks = [a.core, b.core].map((core) => [
        core.lock(name, { fair: true }),
        core.rwLock(name).write,
        core.semaphore(name, { permits: 1 }),
      ]);
      const [here = [], there = []] = locks;
      for (const [index, lock] of here.entries()) {
        const held = await lock.acquire();
        expect(await there[index]?.tryAcquire()).toBeNull();
        const next = there[index]?.acquire();
        await held.release();
        expect((await next)?.token).toBeGreaterThan(held.token);
        await (await next)?.release();
      }
    }
    const rules = {
      user: fixedWindow(100, "366d"),
      address: fixedWindow(100, "366d"),
      inFlight: concurrency(1, { ttl: "1h" }),
      perHost: concurrency(2, { ttl: "1h" }),
    };
    const own = fixedWindow(1_000, "366d");
    const limiter = a.core.limiter("api", rules, { statistics: true, blockCache: false });
    const keys = { user: "ada", address: "203.0.113.9", inFlight: "all", perHost: "host-7" };
    const remaining = async () => {
      const found = await limiter.peek(keys, { cost: 0 });
      return Object.values(found.rules).map((rule) => rule.remaining);
    };
    const held = await limiter.limit(keys);
    expect((await limiter.limit(keys)).limitedBy).toBe("inFlight");
    expect(await remaining()).toEqual([99, 99, 0, 1]);
    await held.release();
    expect(await remaining()).toEqual([99, 99, 1, 2]);
    const budget = await limiter.reserve(keys);
    await budget.settle(41);
    expect(await remaining()).toEqual([58, 58, 1, 2]);
    await limiter.penalize({ ...keys, address: null }, 8);
    await limiter.setLimit({ user: "ada", address: "203.0.113.9" }, { user: own, address: own }, { ttl: "1h" });
    expect(await remaining()).toEqual([950, 958, 1, 2]);
    expect((await limiter.listLimits()).map(({ identity }) => identity).toSorted()).toEqual(["203.0.113.9", "ada"]);
    await limiter.block({ user: "ada", address: null, inFlight: null, perHost: null }, "1h");
    expect((await limiter.limit(keys)).limitedBy).toBe("user");
    await limiter.reset(keys);
    await limiter.clearLimit({ user: "ada", address: "203.0.113.9" });
    expect(await remaining()).toEqual([100, 100, 1, 2]);
    expect((await limiter.wait(keys, { timeout: "1s", fair: true })).allowed).toBe(true);
    const stats = await limiter.stats();
    expect(stats.user).toMatchObject({ allowed: 3, denied: 1, top: [{ identity: "ada", denied: 1 }] });
    expect(stats.inFlight).toMatchObject({ allowed: 3, denied: 1 });
    // Two processes on rules in different slots: what a denied call debited is given back, so that too few may
    // pass for a moment, all of them in each other's way at the worst, and never too many.
    const tight = { user: fixedWindow(40, "366d"), address: fixedWindow(25, "366d"), all: fixedWindow(30, "366d") };
    const create = (core: RedisCore) => core.limiter("tight", tight, { blockCache: false });
    const both = [create(a.core), create(b.core)] as const;
    const decisions = await Promise.all(
      Array.from({ length: 120 }, (_, call) =>
        both[call % 2 === 0 ? 0 : 1].limit({ user: "bo", address: `host-${call % 3}`, all: "all" }),
      ),
    );
    const passed = decisions.filter((decision) => decision.allowed).length;
    expect(passed).toBeLessThanOrEqual(30);
    const left = await both[0].peek({ user: "bo", address: null, all: "all" }, { cost: 0 });
    expect([left.rules.user?.remaining, left.rules.all?.remaining]).toEqual([40 - passed, 30 - passed]);
    expect((await both[1].limit({ user: "bo", address: "host-9", all: "all" })).allowed).toBe(passed < 30);
    expect(await a.listPermanentKeys()).toEqual([]);
  } finally {
    await cluster.stop();
  }
}, 60_000);
