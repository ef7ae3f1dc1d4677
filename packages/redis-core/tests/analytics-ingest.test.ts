import { startCluster, startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { createTestCore } from "@cardinal/redis-core/testing";
import { createClient } from "redis";
import { describe, expect, inject, it, vi } from "vitest";
import type { Analytics, PageView } from "../src/analytics/index.ts";
import { type Clock, manualClock } from "../src/clock.ts";
import { createRedisCore, isOutage, type RedisCore } from "../src/index.ts";
import { randomHex } from "../src/random.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const hour = 3_600_000;
const day = 24 * hour;

// Members, whose places in a sketch are the same at every run: those of a random salt may fall together.
const view = (number: number, more: Partial<PageView> = {}): PageView => ({
  path: `/page-${number % 7}`,
  visitor: { member: `member-${number % 40}` },
  ...more,
});
const views = (count: number) => Array.from({ length: count }, (_, number) => view(number));
const today = () => ({ from: Date.now() - day, to: Date.now() + day });
const viewsOf = async (site: Analytics) => (await site.report({ ...today(), by: "day" })).total.views;

describe("four processes that track the same site", () => {
  it("add up exactly, and agree on who is who", async () => {
    await using test = await createTestCore(url);
    await using workers = await startWorkers("analytics-worker.ts", 4, url, test.prefix);
    await Promise.all(workers.all.map((worker) => worker.ask({ views: 200 })));
    const site = test.core.analytics("shop");
    const { total } = await site.report({ ...today(), by: "hour" });
    expect(total.views).toBe(4 * 3 * 200);
    // 40 addresses, known alike by all processes; each again where the test runs across midnight.
    expect(total.visits).toBeGreaterThanOrEqual(40);
    expect(total.visits).toBeLessThanOrEqual(80);
    const top = await site.top("page", today());
    expect(top.labels).toHaveLength(7);
    expect(top.labels.reduce((sum, label) => sum + label.views, 0)).toBe(total.views);
    expect(await test.listPermanentKeys()).toEqual([]);
  });
});

describe("an ingest that Redis knows again", () => {
  async function openProxied(stack: AsyncDisposableStack) {
    const redis = stack.use(await startRedis());
    const proxy = stack.use(await startTcpProxy({ target: redis }));
    const connection = stack.use(connectRedis({ target: proxy.url(), deadlineMs: 2_000 }));
    await connection.ready();
    const core = stack.use(createRedisCore({ redis: connection.port, prefix: "lost" }));
    return { proxy, connection, core, site: core.analytics("shop") };
  }

  it("counts confirmed views exactly once while replies are lost", async () => {
    await using stack = new AsyncDisposableStack();
    const { proxy, connection, site } = await openProxied(stack);
    await site.track(view(0));
    await proxy.setMode("cut-after-request-before-reply", { match: "analytics", every: 5 });
    let confirmed = 1;
    let unknown = 0;
    for (let call = 0; call < 100; call += 1) {
      try {
        await site.track(view(call));
        confirmed += 1;
      } catch (error) {
        expect(isOutage(error)).toBe(true);
        unknown += 1;
        await connection.ready();
      }
    }
    await proxy.setMode("pass");
    await connection.ready();
    const stored = await viewsOf(site);
    expect(proxy.counters().cuts).toBeGreaterThan(10);
    expect(stored).toBeGreaterThanOrEqual(confirmed);
    expect(stored).toBeLessThanOrEqual(confirmed + unknown);
    expect(confirmed).toBeGreaterThan(75);
  });

  it("a buffer counts every view once, although replies are lost and Redis is away for a while", async () => {
    await using stack = new AsyncDisposableStack();
    const { proxy, connection, site } = await openProxied(stack);
    const buffer = site.buffer({ size: 10, every: "20ms" });
    await site.track(view(0));
    await proxy.setMode("cut-after-request-before-reply", { match: "analytics", every: 3 });
    for (let number = 0; number < 300; number += 1) {
      expect(buffer.add(view(number))).toBe(true);
      if (number % 30 === 0) {
        await buffer.flush().catch((error: unknown) => expect(isOutage(error)).toBe(true));
      }
    }
    await proxy.setMode("cut-before-request");
    await expect(buffer.flush()).rejects.toSatisfy(isOutage);
    buffer.add(view(1));
    expect(buffer.size).toBeGreaterThan(0);
    await proxy.setMode("pass");
    await connection.ready();
    await vi.waitFor(() => expect(buffer.size).toBe(0), { timeout: 20_000, interval: 20 });
    expect(await viewsOf(site)).toBe(302);
  });

  it("is there for a view of before the hour's turn that is delivered after it", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 23, 10, 59, 59));
    await using test = await createTestCore(url, { clock });
    const site = test.core.analytics("shop");
    const buffer = site.buffer({ every: "1h" });
    buffer.add(view(1));
    clock.advance(2_000);
    await site.track(view(1));
    await buffer.flush();
    const stretch = { from: Date.UTC(2026, 10, 23, 10), to: Date.UTC(2026, 10, 23, 12) };
    const series = await site.series({ ...stretch, by: "hour" });
    expect(series.map((point) => point.views)).toEqual([1, 1]);
  });

  it("keeps the age of a view although the machine's clock steps by days in between", async () => {
    let stepMs = 0;
    const clock: Clock = { overrideMs: () => null, nowMs: () => Date.now() + stepMs };
    await using test = await createTestCore(url, { clock });
    const site = test.core.analytics("shop");
    const buffer = site.buffer({ every: "1h" });
    buffer.add(view(1));
    stepMs = 3 * day;
    buffer.add(view(2));
    stepMs = -3 * day;
    await buffer.flush();
    expect(await site.now()).toBe(2);
    expect(await viewsOf(site)).toBe(2);
  });

  it("survives a server that forgets its scripts all the time", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const site = test.core.analytics("shop");
    let done = false;
    const forgetting = (async () => {
      while (!done) {
        await test.redis.port.command("SCRIPT FLUSH", [], []);
      }
    })();
    for (let call = 0; call < 100; call += 1) {
      await Promise.all([site.track(view(call)), site.now(), site.top("page", today())]);
    }
    done = true;
    await forgetting;
    expect(await viewsOf(site)).toBe(100);
  });

  it("lands in the server's hour although the process' clock is hours off", async () => {
    const startMs = Date.now();
    for (const offMs of [-7 * hour, 3 * hour, 40 * day]) {
      const clock: Clock = { overrideMs: () => null, nowMs: () => Date.now() + offMs };
      await using test = await createTestCore(url, { clock });
      const site = test.core.analytics("shop");
      await Promise.all([site.track(view(1)), site.trackMany([view(2), view(3)])]);
      expect(await site.now()).toBe(3);
      const { total } = await site.report({ from: startMs - 1, to: Date.now() + 1, by: "hour" });
      expect(total).toMatchObject({ views: 3, visitors: 3 });
      expect(await test.listPermanentKeys()).toEqual([]);
    }
  });
});

describe("a buffer of views", () => {
  it("sends when it is full, when its time has come, and when the core closes", async () => {
    await using test = await createTestCore(url);
    const core: RedisCore = createRedisCore({ redis: test.redis.port, prefix: test.prefix });
    const site = core.analytics("shop");
    const full = site.buffer({ size: 5, every: "1h" });
    views(5).forEach((each) => full.add(each));
    await vi.waitFor(() => expect(full.size).toBe(0), 10_000);
    expect(await viewsOf(site)).toBe(5);

    const timed = site.buffer({ every: "20ms" });
    timed.add(view(1));
    await vi.waitFor(() => expect(timed.size).toBe(0), 10_000);
    expect(await viewsOf(site)).toBe(6);

    const closed = site.buffer({ size: 500, every: "1h" });
    views(499).forEach((each) => closed.add(each));
    await core.close();
    expect(closed.size).toBe(0);
    expect(closed.add(view(1))).toBe(false);
    expect(await viewsOf(test.core.analytics("shop"))).toBe(6 + 499);
  });

  it("refuses what is beyond its bound, bots, and views that could never be counted", async () => {
    await using test = await createTestCore(url);
    const buffer = test.core.analytics("shop").buffer({ size: 2, most: 3, every: "1h" });
    expect(buffer.add(view(1, { isBot: true }))).toBe(false);
    expect(() => buffer.add(view(1, { path: "" }))).toThrow();
    expect(views(5).map((each) => buffer.add(each))).toEqual([true, true, true, false, false]);
    await buffer.flush();
    expect(await viewsOf(test.core.analytics("shop"))).toBe(3);
  });

  it("says how many views were lost when Redis stays away on close", async () => {
    await using redis = await startRedis();
    const connection = connectRedis({ target: redis.url, deadlineMs: 300 });
    await connection.ready();
    const core = createRedisCore({ redis: connection.port, prefix: "away" });
    const buffer = core.analytics("shop").buffer({ every: "1h" });
    views(7).forEach((each) => buffer.add(each));
    await connection.close();
    await expect(buffer.close()).rejects.toThrow("7 views were lost");
  });
});

describe("visitor ids", () => {
  it("change with the salt, which no process can get back when it is gone", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 23, 23, 59));
    await using test = await createTestCore(url, { clock });
    const other = createRedisCore({ redis: test.redis.port, prefix: test.prefix, clock });
    const [here, there] = [test.core.analytics("shop"), other.analytics("shop")];
    const [first, second] = [Date.UTC(2026, 10, 23), Date.UTC(2026, 10, 24)];
    const visitorsOf = async (from: number, to: number) => (await here.report({ from, to, by: "day" })).total.visitors;
    const addresses = Array.from({ length: 20 }, (_, number) => ({
      path: "/",
      visitor: { address: `198.51.100.${number}`, userAgent: "Test/1" },
    }));
    const trackInBoth = () => Promise.all([here.trackMany(addresses), there.trackMany(addresses)]);
    await trackInBoth();
    expect(await visitorsOf(first, second)).toBeLessThanOrEqual(20);

    const salts = async () => {
      const keys = (await test.listKeys()).filter((key) => key.includes(":salt:"));
      const texts = await Promise.all(keys.map((key) => test.redis.port.command("GET", [key], [])));
      const ttls = await Promise.all(keys.map((key) => test.redis.port.command("PTTL", [key], [])));
      return { texts, ttls };
    };
    const { texts, ttls } = await salts();
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(Number(ttls[0])).toBeGreaterThan(0);
    expect(Number(ttls[0])).toBeLessThanOrEqual(60_000);

    clock.advance(2 * 60_000);
    await trackInBoth();
    expect(await visitorsOf(second, second + day)).toBeLessThanOrEqual(20);
    // The same visitors, and nothing connects their two ids. A sketch may take a few for the same.
    expect(await visitorsOf(first, second + day)).toBeGreaterThan(34);
    const later = await salts();
    expect(new Set([...later.texts, ...texts]).size).toBe(2);
  });

  it("keep a member the same over days, and store no address", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 23, 12));
    await using test = await createTestCore(url, { clock });
    const site = test.core.analytics("shop");
    const member: PageView = { path: "/", visitor: { member: "ada" } };
    await site.trackMany([member, { path: "/", visitor: { address: "198.51.100.7", userAgent: "Secret/9" } }]);
    clock.advance(day);
    await site.track(member);
    const stretch = { from: Date.UTC(2026, 10, 23), to: Date.UTC(2026, 10, 25) };
    expect((await site.report({ ...stretch, by: "day" })).total.visitors).toBeLessThanOrEqual(2);
    for (const key of await test.listKeys()) {
      expect(key).not.toMatch(/198\.51|Secret/);
      if ((await test.redis.port.command("TYPE", [key], [])) === "string") {
        expect(await test.redis.port.command("GET", [key], [])).not.toMatch(/198\.51|Secret/);
      }
    }
  });
});

describe("analytics elsewhere", () => {
  /** A short story that touches every script. */
  async function story(core: RedisCore): Promise<number> {
    const site = core.analytics("shop", { most: { page: 3 } });
    await Promise.all([site.track(view(1)), site.track({ path: "/", visitor: { member: "ada" }, id: randomHex() })]);
    await site.trackMany(views(60));
    const buffer = site.buffer();
    buffer.add(view(2, { visitor: { address: "198.51.100.7", userAgent: "Test/1" } }));
    await buffer.close();
    const { total } = await site.report({ ...today(), by: "hour" });
    expect(total).toMatchObject({ views: 63, visits: 42 });
    expect(await site.now()).toBeGreaterThan(40);
    const { labels, other, total: all } = await site.top("page", today());
    expect(labels).toHaveLength(3);
    expect(labels.reduce((sum, each) => sum + each.views, other)).toBe(all);
    const [first] = labels;
    const page = await site.page(first?.label ?? "", { ...today(), by: "day" });
    expect(page.views).toBe(first?.views);
    expect(await site.activeMembers("month")).toBe(41);
    const { change } = await site.compare({ current: today(), previous: today(), by: "day" });
    expect(change).toMatchObject({ views: 0, visitors: 0 });
    return all;
  }

  it("works on a Cluster, each site in its slot", async () => {
    const cluster = await startCluster({ masters: 3 });
    try {
      const nodes = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",");
      for (const _ of [1, 2, 3]) {
        await using test = await createTestCore(`redis+cluster://${nodes}`);
        expect(await story(test.core)).toBe(63);
        expect(await test.listPermanentKeys()).toEqual([]);
      }
    } finally {
      await cluster.stop();
    }
  }, 60_000);

  it("works over node-redis", async () => {
    const client = createClient({ url, RESP: 2 });
    client.on("error", () => {});
    await client.connect();
    const port = nodeRedisPort(client, { checkSlots: true, deadlineMs: 5_000 });
    await using core = createRedisCore({ redis: port, prefix: `test-${randomHex(6)}` });
    expect(await story(core)).toBe(63);
    await port.close();
    client.destroy();
  });
});
