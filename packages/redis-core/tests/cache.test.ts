import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createTestCore } from "../src/testing/index.ts";
import { LoaderTimeout } from "../src/cache/index.ts";
import { deferred } from "./support/deferred.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("values", () => {
  test("null, 0, '', false, NaN and 0n are hits; the loader runs once", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<unknown>("value", { ttl: "1m" });
    const values = [null, 0, "", false, Number.NaN, 0n, -0, [], {}];
    for (const [index, value] of values.entries()) {
      const loader = vi.fn<() => unknown>(() => value);
      const key = `k${index}`;
      expect(await cache.getOrSet(key, loader)).toStrictEqual(value);
      expect(await cache.getOrSet(key, loader)).toStrictEqual(value);
      expect(loader).toHaveBeenCalledTimes(1);
    }
  });

  test("undefined is absence: kept only under negativeTtl", async () => {
    await using env = await createTestCore(url);
    const forgetful = env.core.cache<string>("forgetful", { ttl: "1m" });
    const loader = vi.fn<() => undefined>();
    expect(await forgetful.getOrSet("none", loader)).toBeUndefined();
    expect(await forgetful.getOrSet("none", loader)).toBeUndefined();
    expect(loader).toHaveBeenCalledTimes(2);

    const clock = manualClock();
    await using other = await createTestCore(url, { clock });
    const remembering = other.core.cache<string>("remembering", { ttl: "1h", negativeTtl: "10s", jitter: 0 });
    const rare = vi.fn<() => undefined>();
    await remembering.getOrSet("none", rare);
    await remembering.getOrSet("none", rare);
    expect(rare).toHaveBeenCalledTimes(1);
    expect(await remembering.getWithMeta("none")).toMatchObject({ state: "fresh", value: undefined });
    expect((await remembering.getWithMeta("never-asked")).state).toBe("miss");
    clock.advance(10_000);
    await remembering.getOrSet("none", rare);
    expect(rare).toHaveBeenCalledTimes(2);
  });

  test("dates, maps, sets and bigints come back equal, and no reader sees another's changes", async () => {
    await using env = await createTestCore(url);
    for (const l1 of [false, { max: 10, ttl: "1m" }] as const) {
      const cache = env.core.cache<{ at: Date; tags: Set<string>; n: bigint }>(l1 ? "rich-l1" : "rich", {
        ttl: "1m",
        l1,
      });
      const value = { at: new Date(5), tags: new Set(["a"]), n: 2n ** 70n };
      const [first, second] = await Promise.all([1, 2].map(() => cache.getOrSet("k", () => value)));
      first?.tags.add("b");
      expect(second).toEqual(value);
      expect(await cache.get("k")).toEqual({ at: new Date(5), tags: new Set(["a"]), n: 2n ** 70n });
      expect(await cache.get("k")).toEqual({ at: new Date(5), tags: new Set(["a"]), n: 2n ** 70n });
      const plain = await env.core
        .cache<{ list: number[] }>("plain", { ttl: "1m", l1 })
        .getOrSet("p", () => ({ list: [1] }));
      expect(() => plain?.list.push(2)).toThrow(TypeError);
    }
  });

  test("ttl 0 loads each time and leaves nothing in Redis", async () => {
    await using env = await createTestCore(url);
    const loader = vi.fn<() => number>(() => 1);
    const never = env.core.cache<number>("never", { ttl: 0 });
    await never.getOrSet("k", loader);
    await never.getOrSet("k", loader);
    const cache = env.core.cache<number>("some", { ttl: "1m" });
    await cache.getOrSet("k", ({ ttl }) => (ttl(0), loader()));
    await cache.getOrSet("k", loader, { ttl: 0 });
    expect(loader).toHaveBeenCalledTimes(4);
    expect((await env.listKeys()).filter((key) => key.includes("cache:entry"))).toEqual([]);
    expect((await env.listKeys()).filter((key) => key.includes("cache:lease"))).toEqual([]);
  });

  test("values beyond maxBytes are served and not kept", async () => {
    const telemetry = recordTelemetry();
    await using env = await createTestCore(url, { telemetry });
    const cache = env.core.cache<string>("small", { ttl: "1m", maxBytes: 100 });
    expect(await cache.getOrSet("k", () => "é".repeat(60))).toHaveLength(60);
    expect(await cache.get("k")).toBeUndefined();
    expect(telemetry.total("cache_fills_total", { outcome: "too_large" })).toBe(1);
    expect(await cache.getOrSet("k", () => "e".repeat(90))).toHaveLength(90);
    expect(await cache.get("k")).toHaveLength(90);
  });

  test("unreadable bytes, another type, and values the schema refuses are counted misses that heal", async () => {
    const telemetry = recordTelemetry();
    await using env = await createTestCore(url, { telemetry });
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value: unknown) => (typeof value === "number" ? { value } : { issues: [{ message: "not a number" }] }),
      },
    } as const;
    const cache = env.core.cache<number>("number", { ttl: "1m", schema });
    const loose = env.core.cache<unknown>("number", { ttl: "1m" });
    await cache.set("k", 1);
    const entry = (await env.listKeys()).find((key) => key.includes("cache:entry")) ?? "";
    const meta = (await env.listKeys()).find((key) => key.includes("cache:meta")) ?? "";
    const spoil = [
      () => env.redis.port.command("SET", [entry], ["\u0000garbage", "PX", 60_000]),
      () => env.redis.port.command("SET", [entry], ["c1|1|1|1|1|1||1jx", "PX", 60_000]),
      async () => {
        const text = await env.redis.port.command("GET", [entry], []);
        await env.redis.port.command(
          "SET",
          [entry],
          [String(text).replace(/\|1j.*$/, "|9zzz"), "PX", 60_000],
        );
      },
      () =>
        env.redis.port
          .command("DEL", [entry], [])
          .then(() => env.redis.port.command("LPUSH", [entry], ["x"])),
      () => loose.set("k", "a string"),
      () =>
        env.redis.port.command("DEL", [meta], []).then(() => env.redis.port.command("SADD", [meta], ["x"])),
    ];
    for (const [index, step] of spoil.entries()) {
      await step();
      expect(await cache.get("k")).toBeUndefined();
      expect(await cache.getOrSet("k", () => index)).toBe(index);
      expect(await cache.get("k")).toBe(index);
    }
    expect(telemetry.total("cache_undecodable_total")).toBeGreaterThanOrEqual(4);
  });

  test("keys with globs, separators and braces are data, each its own", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<string>("glob", { ttl: "1m", l1: { max: 100, ttl: "1m" } });
    const keys = [
      "*",
      "?",
      "[a]",
      "a:b",
      "{x}",
      "a|b,c",
      "#",
      "\n",
      "k".repeat(300),
      `${"k".repeat(299)}l`,
      "日本",
    ];
    for (const key of keys) {
      await cache.set(key, key, { tags: [key] });
    }
    for (const key of keys) {
      expect(await cache.get(key)).toBe(key);
    }
    await cache.delete("*");
    await cache.invalidateTags(["?"]);
    const left = await cache.getMany(keys);
    expect([...left.keys()]).toEqual(keys.slice(2));
    expect((await cache.getWithMeta("a|b,c")).tags).toEqual(["a|b,c"]);
  });
});

describe("freshness", () => {
  test("an entry ends at its ttl, at most jitter earlier, and Redis drops it then", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("fresh", { ttl: "10s" });
    await cache.set("k", 1);
    const entry = (await env.listKeys()).find((key) => key.includes("cache:entry")) ?? "";
    const pttl = Number(await env.redis.port.command("PTTL", [entry], []));
    expect(pttl).toBeGreaterThan(8_500);
    expect(pttl).toBeLessThanOrEqual(10_000);
    clock.advance(8_999);
    expect(await cache.get("k")).toBe(1);
    clock.advance(1_001);
    expect(await cache.get("k")).toBeUndefined();
  });

  test("within grace the old value is served at once while one load replaces it", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("grace", { ttl: "10s", grace: "1m" });
    await cache.set("k", 1);
    clock.advance(10_000);
    const gate = deferred<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet("k", loader)))).toEqual([1, 1, 1]);
    expect(await cache.getWithMeta("k")).toMatchObject({ state: "stale", value: 1, ageMs: 10_000 });
    expect(loader).toHaveBeenCalledTimes(1);
    gate.resolve(2);
    await eventually(async () => expect(await cache.get("k")).toBe(2));
    expect(await cache.getOrSet("k", loader)).toBe(2);
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test("a failing refresh serves the old value through grace, and is not repeated by each reader", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("failing", { ttl: "10s", grace: "1m" });
    await cache.set("k", 1);
    clock.advance(10_000);
    const loader = vi.fn<() => Promise<number>>(() => Promise.reject(new Error("source down")));
    for (let round = 0; round < 5; round += 1) {
      expect(await cache.getOrSet("k", loader)).toBe(1);
    }
    expect(loader).toHaveBeenCalledTimes(1);
    clock.advance(60_000);
    await expect(cache.getOrSet("k", loader)).rejects.toThrow("source down");
  });

  test("the pause after a failed refresh is no pause for who has no stale value left", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("pause", { ttl: "10s", grace: "1m", wait: 50 });
    await cache.set("k", 1);
    clock.advance(10_000);
    await cache.getOrSet("k", () => Promise.reject(new Error("source down")));
    await eventually(async () => {
      const lease = (await env.listKeys()).find((key) => key.includes(":lease:")) ?? "";
      expect(await env.redis.port.command("GET", [lease], [])).toMatch(/^failed /);
    });
    clock.advance(60_000);
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
    expect(await cache.get("k")).toBe(2);
  });

  test("softTimeout waits for the new value, then gives the old one", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("soft", { ttl: "10s", grace: "1m", softTimeout: 20 });
    await cache.set("k", 1);
    clock.advance(10_000);
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
    clock.advance(10_000);
    const gate = deferred<number>();
    expect(await cache.getOrSet("k", () => gate.promise)).toBe(2);
    gate.resolve(3);
    await eventually(async () => expect(await cache.get("k")).toBe(3));
  });

  test("hardTimeout aborts the loader's signal and throws LoaderTimeout; the next call loads again", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("hard", { ttl: "10s", hardTimeout: 30 });
    let aborted: AbortSignal | undefined;
    const hangs = ({ signal }: { signal: AbortSignal }) => {
      aborted = signal;
      return deferred<number>().promise;
    };
    await expect(cache.getOrSet("k", hangs)).rejects.toBeInstanceOf(LoaderTimeout);
    expect(aborted?.aborted).toBe(true);
    expect(await cache.getOrSet("k", () => 1)).toBe(1);
  });
});

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
    expect(Number(await env.redis.port.command("ZCARD", [meta], []))).toBeLessThanOrEqual(10_003);
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

  test("another version of a namespace is another namespace", async () => {
    await using env = await createTestCore(url);
    await env.core.cache<number>("v", { ttl: "1m", version: 1 }).set("k", 1);
    expect(await env.core.cache<number>("v", { ttl: "1m", version: 2 }).get("k")).toBeUndefined();
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
