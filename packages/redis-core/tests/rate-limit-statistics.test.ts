import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { Misuse } from "../src/errors.ts";
import { fixedWindow, slidingWindow } from "../src/rate-limit/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const hourMs = 3_600_000;
const startMs = 500_000 * hourMs;

describe("statistics", () => {
  it("count what each rule allowed and denied, by hour, with those denied most", async () => {
    const clock = manualClock(startMs);
    await using test = await createTestCore(url, { clock });
    const rules = { user: fixedWindow(2, "1h"), address: fixedWindow(1_000, "1h") };
    const limiter = test.core.limiter("api", rules, { statistics: true, blockCache: false });
    for (const [user, calls] of [["ada", 5], ["bo", 3], ["cy", 2]] as const) {
      for (let call = 0; call < calls; call += 1) {
        await limiter.limit({ user, address: "::1" });
      }
    }
    clock.advance(2 * hourMs);
    for (let call = 0; call < 6; call += 1) {
      await limiter.limit({ user: "bo", address: null });
    }
    const { user, address } = await limiter.stats({ from: startMs, to: clock.nowMs(), top: 2 });
    expect(user).toEqual({
      allowed: 8,
      denied: 8,
      hours: [
        { atMs: startMs, allowed: 6, denied: 4 },
        { atMs: startMs + hourMs, allowed: 0, denied: 0 },
        { atMs: startMs + 2 * hourMs, allowed: 2, denied: 4 },
      ],
      top: [
        { identity: "bo", denied: 5 },
        { identity: "ada", denied: 3 },
      ],
    });
    expect(address).toMatchObject({ allowed: 6, denied: 0, top: [] });
    expect((await limiter.stats()).user).toMatchObject({ allowed: 8, denied: 8 });
    expect((await limiter.stats({ from: new Date(clock.nowMs()), top: 0 })).user).toMatchObject({ denied: 4, top: [] });
  });

  it("are written by the decision's own script, expire, and cost nothing where they are off", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const rules = { user: slidingWindow(1, "366d") };
    const plain = test.core.limiter("plain", rules, { blockCache: false });
    const counted = test.core.limiter("counted", rules, { blockCache: false, statistics: { retention: "2d" } });
    for (const limiter of [plain, counted]) {
      await limiter.limit({ user: "ada" });
      await limiter.limit({ user: "ada" });
    }
    const off = await countCommands(test.redis.port, () => plain.limit({ user: "bo" }));
    expect(off).toEqual({ evalsha: 1, time: 1, get: 2, set: 1, info: 1 });
    const on = await countCommands(test.redis.port, () => counted.limit({ user: "ada" }));
    expect(on).toMatchObject({ evalsha: 1, hincrby: 1, zincrby: 1 });
    const keys = (await test.listKeys()).filter((key) => /:limit:(counts|denied):/.test(key));
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const ttlMs = Number(await test.redis.port.command("PTTL", [key], []));
      expect(ttlMs).toBeGreaterThan(47 * hourMs);
      expect(ttlMs).toBeLessThanOrEqual(48 * hourMs);
    }
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("keep a bounded number of denied identities, those denied often always among them", async () => {
    const clock = manualClock(startMs);
    await using test = await createTestCore(url, { clock });
    const options = { statistics: { identities: 10 }, blockCache: false } as const;
    const limiter = test.core.limiter("api", { user: fixedWindow(1, "366d") }, options);
    const denied: Promise<unknown>[] = [];
    for (let call = 0; call < 300; call += 1) {
      const users = [`passing-${call % 150}`, "heavy", ...(call % 2 === 0 ? ["frequent"] : [])];
      denied.push(...users.map((user) => limiter.limit({ user })));
    }
    await Promise.all(denied);
    const key = (await test.listKeys()).find((each) => each.includes(":limit:denied:")) ?? "";
    expect(await test.redis.port.command("ZCARD", [key], [])).toBe(10);
    const { user } = await limiter.stats({ top: 2 });
    expect(user.top.map(({ identity }) => identity)).toEqual(["heavy", "frequent"]);
    expect(user.top[0]?.denied).toBeGreaterThanOrEqual(299);
    expect(user.denied).toBe(299 + 149 + 150);
  });

  it("tell of denials that the block cache gave, and of long identities by their digest", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", { user: fixedWindow(1, "366d") }, { statistics: true });
    const user = "x".repeat(10_000);
    for (let call = 0; call < 12; call += 1) {
      await limiter.limit({ user });
    }
    const stats = await limiter.stats();
    expect(stats.user).toMatchObject({ allowed: 1, denied: 11 });
    expect(stats.user.top).toEqual([{ identity: expect.stringMatching(/^#.{43}$/), denied: 11 }]);
  });

  it("tell of decisions made without Redis as soon as it is back, from a closing core too", async () => {
    const clock = manualClock(startMs);
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 5_000 });
    await connection.ready();
    await using reader = await createTestCore(redis.url, { clock });
    const core = createRedisCore({ redis: connection.port, prefix: reader.prefix, clock });
    const rules = { user: fixedWindow(2, "1h") };
    const limiter = core.limiter("api", rules, { statistics: true });
    await proxy.setMode("refuse");
    await eventually(async () => expect((await limiter.limit({ user: "ada" })).source).toBe("local"));
    for (let call = 0; call < 4; call += 1) {
      await limiter.limit({ user: "ada" });
    }
    await proxy.setMode("pass");
    await connection.ready();
    await core.close();
    const { user } = await reader.core.limiter("api", rules, { statistics: true }).stats();
    expect(user.allowed).toBe(2);
    expect(user.top).toEqual([{ identity: "ada", denied: user.denied }]);
  });

  it("are refused where they are not kept, and over more than 31 days", async () => {
    await using test = await createTestCore(url);
    const rules = { user: slidingWindow(1, "1m") };
    await expect(test.core.limiter("api", rules).stats()).rejects.toThrow(Misuse);
    const limiter = test.core.limiter("api", rules, { statistics: true });
    await expect(limiter.stats({ from: 0, to: 32 * 24 * hourMs })).rejects.toThrow(Misuse);
    await expect(limiter.stats({ from: 5 * hourMs, to: hourMs })).rejects.toThrow(Misuse);
    await expect(limiter.stats({ from: Number.NaN })).rejects.toThrow(Misuse);
    await expect(limiter.stats({ top: -1 })).rejects.toThrow(Misuse);
    expect(() => test.core.limiter("api", rules, { statistics: { identities: 0.5 } })).toThrow(Misuse);
    expect(() => test.core.limiter("api", rules, { statistics: { retention: 0 } })).toThrow(Misuse);
  });
});
