import { describe, expect, inject, test, vi } from "vitest";
import type { StandardSchema } from "../src/cache/index.ts";
import { manualClock } from "../src/clock.ts";
import { createTestCore } from "../src/testing/index.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

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
    const remembering = other.core.cache<string>("remembering", {
      ttl: "1h",
      grace: "1h",
      negativeTtl: "10s",
      jitter: 0,
    });
    const rare = vi.fn<() => undefined>();
    await remembering.getOrSet("none", rare);
    await remembering.getOrSet("none", rare);
    expect(rare).toHaveBeenCalledTimes(1);
    expect(await remembering.getWithMeta("none")).toMatchObject({ state: "fresh", value: undefined });
    expect((await remembering.getWithMeta("never-asked")).state).toBe("miss");
    clock.advance(10_000);
    expect((await remembering.getWithMeta("none")).state).toBe("miss");
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
      () => env.redis.port.command("SET", [entry], ["c2|1|1|1|1|1|1||1jx", "PX", 60_000]),
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

  test("a schema's output is what readers get: old shapes become the present one", async () => {
    await using env = await createTestCore(url);
    interface Person {
      readonly first: string;
      readonly last: string;
      readonly born?: Date;
    }
    const toPerson = (value: unknown): Person | null => {
      if (typeof value !== "object" || value === null) {
        return null;
      }
      if ("name" in value && typeof value.name === "string") {
        const [first = "", last = ""] = value.name.split(" ");
        return { first, last, born: new Date(0) };
      }
      return "first" in value && "last" in value ? { first: String(value.first), last: String(value.last) } : null;
    };
    const validate = (value: unknown) => {
      const person = toPerson(value);
      return person ? { value: person } : { issues: [{ message: "no person" }] };
    };
    const schemas = {
      now: { "~standard": { version: 1, vendor: "test", validate } },
      later: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value: unknown) => new Promise((resolve) => setImmediate(resolve, validate(value))),
        },
      },
    } as const;
    for (const l1 of [false, { max: 10, ttl: "1m" }] as const) {
      for (const schema of Object.values(schemas)) {
        const old = env.core.cache<unknown>("person", { ttl: "1m" });
        const cache = env.core.cache<Person>("person", { ttl: "1m", schema: schema as StandardSchema<Person>, l1 });
        await old.set("ada", { name: "Ada Lovelace" });
        await old.set("bo", { first: "Bo", last: "Diddley" });
        await old.set("none", 7);
        const ada = { first: "Ada", last: "Lovelace", born: new Date(0) };
        expect(await cache.get("ada")).toEqual(ada);
        (await cache.get("ada"))?.born?.setFullYear(1815);
        expect(await cache.getOrSet("ada", () => undefined)).toEqual(ada);
        expect(await cache.get("bo")).toEqual({ first: "Bo", last: "Diddley" });
        expect([...(await cache.getMany(["ada", "bo", "none"])).keys()]).toEqual(["ada", "bo"]);
        expect(Object.isFrozen(await cache.get("bo"))).toBe(true);
      }
    }
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
