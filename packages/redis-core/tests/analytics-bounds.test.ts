import fc from "fast-check";
import { startRedis } from "@cardinal/dev";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { analyticsMemoryBytes, type AnalyticsOptions, type PageView } from "../src/analytics/index.ts";
import { manualClock } from "../src/clock.ts";
import type { RedisPort } from "../src/index.ts";
import { checkProperty } from "./support/check-property.ts";

const url = inject("redisUrl");
const longForm = Number(process.env["PROPERTY_RUNS"] ?? 1);
const startMs = Date.UTC(2026, 10, 23);
const hourMs = 3_600_000;
const whole = { from: startMs, to: startMs + 24 * hourMs };
const visitor = { member: "ada" };

describe("labels of analytics", () => {
  it("the listed pages are exact whatever else is made up, and the rest is other", async () => {
    await using test = await createTestCore(url, { clock: manualClock(startMs + hourMs) });
    const site = test.core.analytics("shop", { most: { page: 5, referrer: 5 } });
    const known = ["/", "/a", "/b", "/c", "/d"];
    for (let round = 0; round < 40; round += 1) {
      const madeUp = Array.from({ length: 50 }, (_, index) => `/made-up-${round}-${index}`);
      const paths = [...known.slice(0, 1 + (round % known.length)), ...madeUp, "/late", "/late"];
      // In the first round only the known pages come, so that all have their place.
      const sent = round === 0 ? [...known, ...known] : round < 20 ? paths.slice(0, -2) : paths;
      await site.trackMany(sent.map((path) => ({ path, visitor, referrer: path.slice(1) })));
    }
    const top = await site.top("page", whole);
    const viewsOf = Object.fromEntries(top.labels.map(({ label, views }) => [label, views]));
    // 2 each at first, then "/" in 39 rounds, "/a" in 32, "/b" in 24, "/c" in 16 and "/d" in 8, which had to go.
    const exact = top.labels.filter(({ mayMiss }) => mayMiss === 0);
    expect(exact.map(({ label, views }) => [label, views])).toEqual([["/", 41], ["/a", 34], ["/b", 26], ["/c", 18]]);
    // The late one took the place of the least visited, as soon as it was known to have more views.
    const late = top.labels.find(({ label }) => label === "/late");
    expect(late?.views).toBeLessThanOrEqual(40);
    expect((late?.views ?? 0) + (late?.mayMiss ?? 0)).toBeGreaterThanOrEqual(40);
    expect(viewsOf["/d"]).toBeUndefined();
    expect(top.labels.reduce((sum, { views }) => sum + views, top.other)).toBe(top.total);
    const page = await site.page("/late", { ...whole, by: "hour" });
    expect(page.views).toBe(late?.views);
  });

  it("never counts more than there was, and never misses more than it says", async () => {
    const stream = fc.array(
      // Few that come often, and more others than there are places for candidates.
      fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 600 })), { minLength: 1, maxLength: 60 }),
      { minLength: 1, maxLength: 20 },
    );
    const property = fc.asyncProperty(stream, async (batches) => {
      await using test = await createTestCore(url, { clock: manualClock(startMs + hourMs) });
      const site = test.core.analytics("shop", { most: { page: 4, country: 3 } });
      const truth = new Map<string, number>();
      for (const batch of batches) {
        const paths = batch.map((number) => `/${number}`);
        paths.forEach((path) => truth.set(path, (truth.get(path) ?? 0) + 1));
        await site.trackMany(paths.map((path) => ({ path, visitor, country: path })));
      }
      for (const [dimension, most] of [["page", 4], ["country", 3]] as const) {
        const { labels, other, total } = await site.top(dimension, whole);
        expect(labels).toHaveLength(Math.min(most, truth.size));
        expect(total).toBe(batches.flat().length);
        expect(labels.reduce((sum, { views }) => sum + views, other)).toBe(total);
        for (const { label, views, mayMiss } of labels) {
          const real = truth.get(label) ?? 0;
          expect(views).toBeLessThanOrEqual(real);
          expect(views + mayMiss).toBeGreaterThanOrEqual(real);
          if (dimension === "page") {
            const page = await site.page(label, { ...whole, by: "hour" });
            expect(page.views).toBe(views);
            expect(page.visitors).toBe(1);
          }
        }
      }
      const sketches = (await test.listKeys()).filter((key) => key.includes(":page-visitors:"));
      expect(sketches.length).toBeLessThanOrEqual(4 + 200);
    });
    await checkProperty("analytics labels", property, { runs: 25 });
  }, 60_000);

  it("a flood of made-up pages, referrers and names is bounded by the formula, in keys, fields and bytes", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url, { clock: manualClock(startMs + hourMs) });
    const options: AnalyticsOptions = {
      most: { page: 200, referrer: 100, country: 100, device: 10, browser: 30 },
      keep: { hours: "2h", days: "1d", pages: "1d" },
    };
    const site = test.core.analytics("shop", options);
    const count = Math.min(1_000_000, 20_000 * longForm);
    for (let first = 0; first < count; first += 2_000) {
      await site.trackMany(
        Array.from({ length: 2_000 }, (_, index): PageView => {
          const text = `${first + index}-${"ä".repeat(300)}`;
          // Twice each, so that they are more than once-only noise.
          return {
            path: `/${Math.floor((first + index) / 2)}-${"ä".repeat(300)}`,
            visitor: { member: `${(first + index) % 5_000}` },
            referrer: text,
            country: text,
            device: text,
            browser: text,
          };
        }),
      );
    }
    const keys = await test.listKeys();
    const { bytes, entries } = await measure(test.redis.port, keys);
    const visitors = keys.filter((key) => key.includes(":visitor:")).length;
    const batches = keys.filter((key) => key.includes(":batch:")).length;
    const bound = analyticsMemoryBytes(options, { visitorsAtOnce: visitors, batches });
    process.stdout.write(`${count} made-up labels: ${keys.length} keys, ${entries} entries, ${bytes} of ${bound} bytes\n`);
    expect(visitors).toBe(5_000);
    expect(keys.length - visitors - batches).toBeLessThanOrEqual(200 + 200 + 40);
    // Each label listed, missed and a candidate, the pages' hours, and those that wait for their sweep.
    expect(entries).toBeLessThanOrEqual((200 + 100 + 100 + 10 + 30) * 3 + 5 * 100 + 200 * 24 + 200 + 20);
    expect(bytes).toBeLessThan(bound);
    const { total, labels, other } = await site.top("page", whole);
    expect(total).toBe(count);
    expect(labels.reduce((sum, { views }) => sum + views, other)).toBe(count);
    expect(await test.listPermanentKeys()).toEqual([]);
  }, 120_000);
});

/** Bytes of these keys, and how many fields and members they have together. */
async function measure(port: RedisPort, keys: readonly string[]): Promise<{ bytes: number; entries: number }> {
  const ask = async (name: string, args: readonly (string | number)[] = [], of: readonly string[] = keys) => {
    const results = await port.batch(of.map((key) => ({ name, keys: [key], args })));
    return results.map((result) => (result.ok ? result.reply : 0));
  };
  const types = await ask("TYPE");
  const ofType = (type: string) => keys.filter((_, index) => types[index] === type);
  const sum = (replies: readonly unknown[]) => replies.reduce<number>((total, reply) => total + Number(reply), 0);
  return {
    bytes: sum(await ask("MEMORY USAGE", ["SAMPLES", 0])),
    entries: sum(await ask("HLEN", [], ofType("hash"))) + sum(await ask("ZCARD", [], ofType("zset"))),
  };
}
