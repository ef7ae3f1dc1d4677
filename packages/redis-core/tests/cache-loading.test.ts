import { describe, expect, inject, test, vi } from "vitest";
import { createTestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("single flight and fences", () => {
  test("one load for a hundred concurrent readers of two processes' worth of cores", async () => {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const gate = deferred<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    const readers = [a, b].flatMap(({ core }) => {
      const cache = core.cache<number>("cold", { ttl: "1m" });
      return Array.from({ length: 50 }, () => cache.getOrSet("k", loader));
    });
    await eventually(() => expect(loader).toHaveBeenCalled());
    gate.resolve(7);
    expect(new Set(await Promise.all(readers))).toEqual(new Set([7]));
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test("a failing load fails its callers, and the next call loads again", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("fails", { ttl: "1m" });
    const loader = vi.fn<() => Promise<number>>(() => Promise.reject(new Error("no")));
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => cache.getOrSet("k", loader)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(loader).toHaveBeenCalledTimes(1);
    expect(await cache.getOrSet("k", () => 1)).toBe(1);
  });

  const overtakings = {
    delete: (cache: { delete(key: string): Promise<void> }) => cache.delete("k"),
    set: (cache: { set(key: string, value: string): Promise<void> }) => cache.set("k", "new"),
    "invalidateTags, tag of the call": (cache: { invalidateTags(tags: string[]): Promise<void> }) =>
      cache.invalidateTags(["call"]),
    "invalidateTags, tag of the loader": (cache: { invalidateTags(tags: string[]): Promise<void> }) =>
      cache.invalidateTags(["loader"]),
    clear: (cache: { clear(): Promise<void> }) => cache.clear(),
  };
  test.each(Object.entries(overtakings))(
    "a value loaded before %s is not stored after it",
    async (_, overtake) => {
      await using env = await createTestCore(url);
      await using other = await createTestCore(url, { prefix: env.prefix });
      for (const l1 of [false, { max: 10, ttl: "1m" }] as const) {
        for (const by of [env, other]) {
          const cache = env.core.cache<string>("fence", { ttl: "1m", l1 });
          await cache.clear();
          const gate = deferred<string>();
          const started = deferred<void>();
          const early = cache.getOrSet(
            "k",
            ({ tag }) => {
              tag("loader");
              started.resolve();
              return gate.promise;
            },
            { tags: ["call"] },
          );
          await started.promise;
          await overtake(by.core.cache<string>("fence", { ttl: "1m", l1 }));
          // Late: it began after the invalidation had ended, so it may not get what was read before it.
          const late = cache.getOrSet("k", () => "new");
          gate.resolve("old");
          expect(await early).toBe("old");
          expect(await late).toBe("new");
          expect(await cache.get("k")).toBe("new");
        }
      }
    },
  );

  test("a caller who comes after a deletion never shares a value that was stored before it", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const cache = env.core.cache<string>("landing", { ttl: "1m" });
    const run = env.redis.port.run.bind(env.redis.port);
    let late: Promise<string | undefined> | undefined;
    vi.spyOn(env.redis.port, "run").mockImplementation(async (script, ...rest) => {
      const reply = await run(script, ...rest);
      if (script.name === "cache/fill" && !late) {
        // Stored; the answer is on its way. Another process deletes it, and a caller comes.
        await other.core.cache<string>("landing", { ttl: "1m" }).delete("k");
        late = cache.getOrSet("k", () => "new");
      }
      return reply;
    });
    expect(await cache.getOrSet("k", () => "old")).toBe("old");
    expect(await late).toBe("new");
  });

  test("a waiter loads for itself after `wait`, and what it loads is not stored", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const gate = deferred<string>();
    const started = deferred<void>();
    const slow = env.core
      .cache<string>("slow", { ttl: "1m" })
      .getOrSet("k", () => (started.resolve(), gate.promise));
    await started.promise;
    const impatient = other.core.cache<string>("slow", { ttl: "1m", wait: 50 });
    expect(await impatient.getOrSet("k", () => "own")).toBe("own");
    expect(await impatient.get("k")).toBeUndefined();
    gate.resolve("shared");
    expect(await slow).toBe("shared");
    expect(await impatient.get("k")).toBe("shared");
  });

  test("a lease that another holds by now is neither renewed nor given up", async () => {
    await using env = await createTestCore(url);
    const run = vi.spyOn(env.redis.port, "run");
    const cache = env.core.cache<string>("overtaken", { ttl: "1m", lease: 60 });
    const gate = deferred<string>();
    const started = deferred<void>();
    const slow = cache.getOrSet("k", () => (started.resolve(), gate.promise));
    await started.promise;
    const lease = (await env.listKeys()).find((key) => key.includes(":lease:")) ?? "";
    await env.redis.port.command("SET", [lease], ["another 1 1 0", "PX", 50_000]);
    run.mockClear();
    await eventually(async () => {
      const renewals = run.mock.calls.flatMap(([{ name }], index) =>
        name === "cache/renew" ? [run.mock.results[index]?.value] : [],
      );
      expect(await Promise.all(renewals)).toContain(0);
    });
    gate.resolve("late");
    expect(await slow).toBe("late");
    expect(await env.redis.port.command("GET", [lease], [])).toBe("another 1 1 0");
    expect(Number(await env.redis.port.command("PTTL", [lease], []))).toBeGreaterThan(1_000);
    expect(await cache.get("k")).toBeUndefined();
  });

  test("the lease is renewed while the loader runs", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const gate = deferred<string>();
    const started = deferred<void>();
    const options = { ttl: "1m", lease: 90, wait: 600 } as const;
    const slow = env.core
      .cache<string>("renew", options)
      .getOrSet("k", () => (started.resolve(), gate.promise));
    await started.promise;
    const waiting = other.core.cache<string>("renew", options).getOrSet("k", () => "taken over");
    setTimeout(() => gate.resolve("first"), 400);
    expect(await Promise.all([slow, waiting])).toEqual(["first", "first"]);
  });
});
