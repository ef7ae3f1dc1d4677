import { startCluster } from "@cardinal/dev";
import { expect, test } from "vitest";
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
    const limiter = a.core.limiter("api", {
      user: fixedWindow(100, "366d"),
      address: fixedWindow(100, "366d"),
      inFlight: concurrency(1, { ttl: "1h" }),
      perHost: concurrency(2, { ttl: "1h" }),
    });
    const keys = { user: "ada", address: "203.0.113.9", inFlight: "all", perHost: "host-7" };
    const remaining = async () => {
      const { rules } = await limiter.peek(keys, { cost: 0 });
      return Object.values(rules).map((rule) => rule.remaining);
    };
    const held = await limiter.limit(keys);
    expect((await limiter.limit(keys)).limitedBy).toBe("inFlight");
    expect(await remaining()).toEqual([99, 99, 0, 1]);
    await held.release();
    expect(await remaining()).toEqual([99, 99, 1, 2]);
    const budget = await limiter.reserve(keys);
    await budget.settle(41);
    expect(await remaining()).toEqual([58, 58, 1, 2]);
    expect(await a.listPermanentKeys()).toEqual([]);
  } finally {
    await cluster.stop();
  }
}, 60_000);
