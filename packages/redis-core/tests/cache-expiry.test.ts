import { describe, expect, inject, test, vi } from "vitest";
import { createTestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("expiring", () => {
  const expirations = {
    expire: (cache: { expire(key: string): Promise<void> }) => cache.expire("k"),
    "invalidateTags in mode expire": (cache: {
      invalidateTags(tags: string[], options: { mode: "expire" }): Promise<void>;
    }) => cache.invalidateTags(["other", "tag"], { mode: "expire" }),
  };

  test.each(Object.entries(expirations))("%s leaves the value stale within its grace", async (_, expire) => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("expire", { ttl: "1m", grace: "1h" });
    await cache.set("k", 1, { tags: ["tag"] });
    await cache.set("bystander", 1, { tags: ["else"] });
    const untouched = await env.redis.port.command("PTTL", [await entryOf(env, "k")], []);
    await expire(cache);
    expect(await cache.get("k")).toBeUndefined();
    expect(await cache.getWithMeta("k")).toMatchObject({ state: "stale", value: 1, tags: ["tag"] });
    const left = Number(await env.redis.port.command("PTTL", [await entryOf(env, "k")], []));
    expect(left).toBeGreaterThan(Number(untouched) - 10_000);
    expect(await cache.get("bystander")).toBe(1);
    const gate = deferred<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    expect(await cache.getOrSet("k", loader, { tags: ["tag"] })).toBe(1);
    gate.resolve(2);
    await eventually(async () => expect(await cache.get("k")).toBe(2));
    expect(loader).toHaveBeenCalledTimes(1);
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test.each(Object.entries(expirations))("%s removes what has no grace", async (_, expire) => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("graceless", { ttl: "1m" });
    await cache.set("k", 1, { tags: ["tag"] });
    await expire(cache);
    expect((await cache.getWithMeta("k")).state).toBe("miss");
    await cache.expire("never-stored");
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
  });

  test.each(Object.entries(expirations))("a value loaded before %s is not stored after it", async (_, expire) => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    for (const by of [env, other]) {
      const options = { ttl: "1m", grace: "1h", l1: { max: 10, ttl: "1m" } } as const;
      const cache = env.core.cache<string>("fence", options);
      await cache.clear();
      const gate = deferred<string>();
      const started = deferred<void>();
      const early = cache.getOrSet("k", () => (started.resolve(), gate.promise), { tags: ["tag"] });
      await started.promise;
      await expire(by.core.cache<string>("fence", options));
      gate.resolve("old");
      expect(await early).toBe("old");
      expect(await cache.get("k")).toBeUndefined();
      expect(await cache.getOrSet("k", () => "new", { tags: ["tag"] })).toBe("new");
      expect(await cache.get("k")).toBe("new");
    }
  });

  test("other processes' copies are over", async () => {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const options = { ttl: "5m", grace: "1h", l1: { max: 10, ttl: "1m" } } as const;
    const left = a.core.cache<number>("near", options);
    const right = b.core.cache<number>("near", options);
    for (const expire of Object.values(expirations)) {
      await eventually(async () => {
        await right.getOrSet("k", () => 1, { tags: ["tag"] });
        expect((await right.getWithMeta("k")).tier).toBe("l1");
      });
      await expire(left);
      await eventually(async () => expect((await right.getWithMeta("k")).state).toBe("stale"));
      await left.delete("k");
    }
  });

  test("an entry without a valid tag is gone, whether or not another of its tags expired", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("both", { ttl: "1m", grace: "1h" });
    await cache.set("k", 1, { tags: ["a", "b"] });
    await cache.invalidateTags(["a"], { mode: "expire" });
    await cache.invalidateTags(["b"]);
    await cache.invalidateTags(["b"], { mode: "expire" });
    expect((await cache.getWithMeta("k")).state).toBe("miss");
  });
});

async function entryOf(env: { listKeys(): Promise<string[]> }, key: string): Promise<string> {
  return (await env.listKeys()).find((name) => name.includes(":entry:") && name.endsWith(`:${key}`)) ?? "";
}
