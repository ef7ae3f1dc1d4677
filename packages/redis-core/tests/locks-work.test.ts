import { once } from "node:events";
import { startRedis } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { createRedisCore } from "../src/core.ts";
import { LockLost } from "../src/locks/index.ts";
import { mustHold } from "./support/must-hold.ts";

const url = inject("redisUrl");

describe("run", () => {
  it("gives the work's result or error, whatever becomes of the release", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url, deadlineMs: 200 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "run" });
    const lock = core.lock("invoice-42");
    await expect(lock.run(() => Promise.reject(new Error("of the work")))).rejects.toThrow("of the work");
    const result = await lock.run(async ({ token, signal }) => {
      expect(signal.aborted).toBe(false);
      await redis.stop();
      return token > 0n;
    });
    expect(result).toBe(true);
  });

  it("hands the caller's signal to the work", async () => {
    await using test = await createTestCore(url);
    const leaving = new AbortController();
    await test.core.lock("invoice-42").run(
      async ({ signal }) => {
        leaving.abort();
        expect(signal.aborted).toBe(true);
        await Promise.resolve();
      },
      { signal: leaving.signal },
    );
  });
});

describe("maxHold", () => {
  it("ends the renewals", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { lease: 600, maxHold: 900 });
    const askedAt = performance.now();
    const held = await mustHold(lock.tryAcquire());
    await once(held.signal, "abort");
    const heldForMs = performance.now() - askedAt;
    // It aborts 120 ms, a fifth of the lease, before maxHold ends.
    expect(heldForMs).toBeGreaterThan(700);
    expect(heldForMs).toBeLessThan(2_700);
    await lock.acquire({ wait: "2s" });
    expect(await held.release()).toBe(false);
  });

  it("caps what a holder asks for", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { lease: "5s", maxHold: "20s" });
    const held = await mustHold(lock.tryAcquire());
    await held.extend("1h");
    const [holder] = (await lock.inspect()).holders;
    expect(holder?.leaseEndsInMs).toBeGreaterThan(10_000);
    expect(holder?.leaseEndsInMs).toBeLessThanOrEqual(20_000);
    expect(held.isHeld).toBe(true);
  });

  it("begins anew for who goes on from a record", async () => {
    await using test = await createTestCore(url);
    const held = await mustHold(test.core.lock("invoice-42", { lease: 600, maxHold: 600 }).tryAcquire());
    const restored = await mustHold(test.core.lock("invoice-42").restore(held.toJSON()));
    await once(held.signal, "abort");
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    expect(String(held.signal.reason)).toContain("maxHold");
    expect(await restored.release()).toBe(true);
  });
});
