import { describe, expect, inject, test, vi } from "vitest";
import type { Cache } from "../src/cache/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("tags", () => {
  test("an invalidation removes exactly the entries with the tag, and keeps nothing for ever", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("tag", { ttl: "1m" });
    for (let index = 0; index < 60; index += 1) {
      await cache.getOrSet(`k${index}`, () => index, { tags: [`mod3-${index % 3}`, `mod5-${index % 5}`] });
    }
    await cache.invalidateTags(["mod3-0", "mod5-1"]);
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`);
    const left = [...(await cache.getMany(keys)).values()];
    expect(left).toEqual(keys.map((_, index) => index).filter((index) => index % 3 !== 0 && index % 5 !== 1));
    await cache.getOrSet("k0", () => 100, { tags: ["mod3-0"] });
    expect(await cache.get("k0")).toBe(100);
    await cache.clear();
    expect((await cache.getMany(keys)).size).toBe(0);
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test("tags cost one member each in one key, and trimming old ones invalidates rather than resurrects", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("trim", { ttl: "1m" });
    await cache.getOrSet("old", () => 1, { tags: ["first"] });
    await cache.invalidateTags(["first"]);
    await cache.getOrSet("untouched", () => 1, { tags: ["other"] });
    for (let round = 0; round < 200; round += 1) {
      await cache.invalidateTags(Array.from({ length: 60 }, (_, index) => `t${round}-${index}`));
    }
    await cache.getOrSet("young", () => 1, { tags: ["late"] });
    const meta = (await env.listKeys()).find((key) => key.includes("cache:meta")) ?? "";
    expect(Number(await env.redis.port.command("ZCARD", [meta], []))).toBeLessThanOrEqual(10_004);
    expect(await cache.get("old")).toBeUndefined();
    expect(await cache.get("untouched")).toBeUndefined();
    expect(await cache.get("young")).toBe(1);
  });

  test("losing the meta key is a miss, never an old value", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("evicted", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
    await cache.getOrSet("k", () => 1, { tags: ["t"] });
    const meta = (await env.listKeys()).find((key) => key.includes("cache:meta")) ?? "";
    const gate = deferred<number>();
    const started = deferred<void>();
    const loading = cache.getOrSet("other", () => (started.resolve(), gate.promise));
    await started.promise;
    await env.redis.port.command("DEL", [meta], []);
    await cache.invalidateTags(["t"]);
    gate.resolve(1);
    await loading;
    expect(await cache.get("k")).toBeUndefined();
    expect(await cache.get("other")).toBeUndefined();
  });

  test("changing what nobody has cached leaves nothing for ever", async () => {
    const changes = [
      (cache: Cache<number>) => cache.invalidateTags(["t"]),
      (cache: Cache<number>) => cache.invalidateTags(["t"], { mode: "expire" }),
      (cache: Cache<number>) => cache.clear(),
      (cache: Cache<number>) => cache.delete("k"),
      (cache: Cache<number>) => cache.expire("k"),
      (cache: Cache<number>) => cache.set("k", 1),
      (cache: Cache<number>) => cache.getOrSet("k", () => 1),
    ];
    await using env = await createTestCore(url);
    for (const [index, change] of changes.entries()) {
      await change(env.core.cache<number>(`first-${index}`, { ttl: "1m", grace: "1m" }));
      expect(await env.listPermanentKeys()).toEqual([]);
    }
  });

  test("an entry loaded after its tag's invalidation stays when another tag changes", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("after", { ttl: "1m" });
    await cache.invalidateTags(["mine"]);
    await cache.getOrSet("k", () => 1, { tags: ["mine"] });
    await cache.invalidateTags(["other"]);
    expect(await cache.get("k")).toBe(1);
  });

  test("during a deploy two versions have entries of their own, and tags and clear reach both", async () => {
    await using before = await createTestCore(url);
    await using after = await createTestCore(url, { prefix: before.prefix });
    const l1 = { max: 10, ttl: "1m" } as const;
    const old = before.core.cache<string>("deploy", { ttl: "1m", grace: "1m", version: 1, l1 });
    const young = after.core.cache<{ name: string }>("deploy", { ttl: "1m", grace: "1m", version: 2 });
    const changes = [
      () => young.invalidateTags(["team"]),
      () => young.invalidateTags(["team"], { mode: "expire" }),
      () => young.clear(),
    ];
    for (const change of changes) {
      await old.set("k", "old", { tags: ["team"] });
      await young.set("k", { name: "young" }, { tags: ["team"] });
      await eventually(async () => {
        expect(await old.get("k")).toBe("old");
        expect((await old.getWithMeta("k")).tier).toBe("l1");
      });
      expect(await young.get("k")).toEqual({ name: "young" });
      await change();
      expect(await young.get("k")).toBeUndefined();
      await eventually(async () => expect(await old.get("k")).toBeUndefined());
    }
  });
});

describe("many", () => {
  test("getOrSetMany: one read, one load, one write; absences under negativeTtl", async () => {
    await using env = await createTestCore(url);
    const run = vi.spyOn(env.redis.port, "run");
    const cache = env.core.cache<number>("many", { ttl: "1m", negativeTtl: "1m" });
    const loader = vi.fn<(missing: readonly string[]) => Promise<Map<string, number>>>((missing) =>
      Promise.resolve(
        new Map(missing.filter((key) => key !== "c").map((key) => [key, Number.parseInt(key, 36)])),
      ),
    );
    expect([...(await cache.getOrSetMany(["a", "b", "c", "a"], loader, { tags: ["all"] }))]).toEqual([
      ["a", 10],
      ["b", 11],
    ]);
    expect(run).toHaveBeenCalledTimes(2);
    expect([...(await cache.getOrSetMany(["b", "d", "c"], loader)).keys()]).toEqual(["b", "d"]);
    expect(loader.mock.calls.map(([missing]) => missing)).toEqual([["a", "b", "c"], ["d"]]);
    await cache.invalidateTags(["all"]);
    expect([...(await cache.getMany(["a", "b", "d"])).keys()]).toEqual(["d"]);
  });

  test("concurrent batches load each key once", async () => {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const seen: string[] = [];
    const loader = async (missing: readonly string[]) => {
      seen.push(...missing);
      await new Promise((resolve) => setTimeout(resolve, 30));
      return new Map(missing.map((key) => [key, key]));
    };
    const batches = [a, b, a].map(({ core }, index) =>
      core.cache<string>("overlap", { ttl: "1m" }).getOrSetMany([`x${index}`, "y", `x${index + 1}`], loader),
    );
    for (const batch of await Promise.all(batches)) {
      expect(batch.size).toBe(3);
    }
    expect(seen.toSorted()).toEqual(["x0", "x1", "x2", "x3", "y"]);
  });

  test("wrap caches a function, warm fills and counts failures", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("wrap", { ttl: "1m" });
    const square = vi.fn<(n: number) => Promise<number>>((n) => Promise.resolve(n * n));
    const cached = cache.wrap(square, { key: (n) => `square-${n}` });
    expect(await cached(4)).toBe(16);
    expect(await cached(4)).toBe(16);
    expect(square).toHaveBeenCalledTimes(1);
    const onProgress = vi.fn<() => void>();
    const load = (key: string) =>
      key === "bad" ? Promise.reject(new Error("bad")) : Promise.resolve(key.length);
    expect(await cache.warm(["one", "bad", "three"], load, { concurrency: 2, onProgress })).toEqual({
      done: 2,
      failed: 1,
      total: 3,
    });
    expect(onProgress).toHaveBeenCalledTimes(3);
    expect(await cache.get("three")).toBe(5);
  });
});

test("warm takes keys only as fast as it loads, loads again on demand, and stops with its signal", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<number>("warm", { ttl: "1m" });
  let taken = 0;
  async function* endless() {
    for (;;) {
      taken += 1;
      yield `k${taken}`;
    }
  }
  const stop = new AbortController();
  const load = () => Promise.resolve(1);
  const onProgress = ({ done, total }: { done: number; total?: number }) => {
    expect(total).toBeUndefined();
    if (done === 10) {
      stop.abort(new Error("enough"));
    }
  };
  const warming = cache.warm(endless(), load, { concurrency: 3, signal: stop.signal, onProgress });
  await expect(warming).rejects.toThrow("enough");
  expect(taken).toBeLessThanOrEqual(16);

  const again = vi.fn<() => Promise<number>>(() => Promise.resolve(2));
  await cache.warm(["k1", "k2"], again);
  expect(again).not.toHaveBeenCalled();
  expect(await cache.warm(new Set(["k1", "k2"]), again, { forceFresh: true, ttl: "1h" })).toEqual({
    done: 2,
    failed: 0,
    total: 2,
  });
  expect(await cache.get("k1")).toBe(2);
});

test("a hit is one command in one round trip, tagged or not, and an L1 hit none", async () => {
  await using env = await createTestCore(url);
  const run = vi.spyOn(env.redis.port, "run");
  const command = vi.spyOn(env.redis.port, "command");
  const cache = env.core.cache<number>("trips", { ttl: "1m" });
  await cache.getOrSet("k", () => 1, { tags: ["a", "b", "c"] });
  await cache.getOrSet("k", () => 1);
  await cache.getOrSet("k", () => 1);
  expect(run).toHaveBeenCalledTimes(4);
  await cache.invalidateTags(["a"]);
  expect(run).toHaveBeenCalledTimes(5);
  expect(command).not.toHaveBeenCalled();

  const near = env.core.cache<number>("near", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
  await eventually(async () => {
    await near.getOrSet("k", () => 1);
    run.mockClear();
    await near.getOrSet("k", () => 1);
    expect(run).not.toHaveBeenCalled();
  });
});
