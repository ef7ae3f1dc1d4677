import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { analyticsMemoryBytes, type PageView } from "../src/analytics/index.ts";
import { manualClock } from "../src/clock.ts";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";

const url = inject("redisUrl");
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const windowMs = 30 * minuteMs;

const longForm = Number(process.env["PROPERTY_RUNS"] ?? 1);

interface Figures {
  views: number;
  visits: number;
  bounces: number;
  spentMs: number;
  readonly visitors: Set<string>;
}

const noFigures = (): Figures => ({ views: 0, visits: 0, bounces: 0, spentMs: 0, visitors: new Set() });

/** The same figures by plain counting, in buckets of one length. */
function countByHand(views: readonly { readonly atMs: number }[], members: readonly string[], length: number) {
  const buckets = new Map<number, Figures>();
  const at = (ms: number) => {
    const index = Math.floor(ms / length);
    const figures = buckets.get(index) ?? noFigures();
    buckets.set(index, figures);
    return figures;
  };
  const last = new Map<string, { atMs: number; single: boolean }>();
  views.forEach(({ atMs }, index) => {
    const member = members[index] ?? "";
    const figures = at(atMs);
    figures.views += 1;
    figures.visitors.add(member);
    const before = last.get(member);
    if (before && atMs - before.atMs < windowMs) {
      figures.spentMs += atMs - before.atMs;
      at(before.atMs).bounces -= before.single ? 1 : 0;
      last.set(member, { atMs, single: false });
    } else {
      figures.visits += 1;
      figures.bounces += 1;
      last.set(member, { atMs, single: true });
    }
  });
  return buckets;
}

// Months with a change of clocks somewhere, a leap day, the turn of a year, and any others.
const months = fc.oneof(
  fc.constantFrom(Date.UTC(2026, 2, 1), Date.UTC(2026, 10, 1), Date.UTC(2024, 1, 15), Date.UTC(2025, 11, 15)),
  fc.integer({ min: 0, max: 600 }).map((month) => Date.UTC(2000, month, 1)),
);
const clicks = fc.array(
  fc.record({
    path: fc.constantFrom("/", "/blog", "/chat", "/blog/one"),
    member: fc.constantFrom("ada", "bo", "cy", "di", "eve"),
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 40 * minuteMs }),
      fc.constantFrom(0, windowMs - 1, windowMs, hourMs),
      fc.integer({ min: 0, max: 2 * dayMs }),
    ),
  }),
  { minLength: 50, maxLength: 250 },
);

describe("sums of analytics", () => {
  it("hours make up days, days the total, pages and labels the views, over months (C12)", async () => {
    const property = fc.asyncProperty(months, clicks, async (startMs, sequence) => {
      let atMs = startMs;
      const views = sequence.map(({ path, member, afterMs }) => {
        atMs += afterMs;
        return { path, visitor: { member }, atMs };
      });
      const members = sequence.map(({ member }) => member);
      await using test = await createTestCore(url, { clock: manualClock(atMs + hourMs) });
      const site = test.core.analytics("shop", { keep: { hours: "800d", days: "800d", pages: "800d" } });
      const size = 1 + (sequence.length % 97);
      for (let first = 0; first < views.length; first += size) {
        await site.trackMany(views.slice(first, first + size));
      }
      const from = Math.floor(startMs / dayMs) * dayMs;
      const to = atMs + 1;

      for (const [by, length] of [["hour", hourMs], ["day", dayMs]] as const) {
        const expected = countByHand(views, members, length);
        const total = noFigures();
        for (let part = from; part < to; part += 40 * dayMs) {
          const stretch = { from: part, to: Math.min(to, part + 40 * dayMs), by };
          for (const { startsAtMs, ...figures } of await site.series(stretch)) {
            const { visitors, ...counted } = expected.get(startsAtMs / length) ?? noFigures();
            expect(figures).toEqual({ ...counted, visitors: visitors.size });
            total.views += figures.views;
          }
        }
        expect(total.views).toBe(views.length);
      }
      const stretch = { from: Math.max(from, to - 90 * dayMs), to };
      const { total } = await site.report({ ...stretch, by: "day" });
      const top = await site.top("page", stretch);
      expect(top.total).toBe(total.views);
      expect(top.labels.reduce((sum, { views: own }) => sum + own, top.other)).toBe(total.views);
      for (const { label, views: own } of top.labels) {
        const [byDay, byHour] = await Promise.all([
          site.page(label, { ...stretch, by: "day" }),
          site.page(label, { from: Math.max(from, to - 40 * dayMs), to, by: "hour" }),
        ]);
        expect(byDay.views).toBe(own);
        const sameDays = byDay.series.filter(({ startsAtMs }) => startsAtMs >= (byHour.series[0]?.startsAtMs ?? 0));
        expect(byHour.views).toBeGreaterThanOrEqual(sameDays.reduce((sum, each) => sum + each.views, 0));
      }
      expect(await test.listPermanentKeys()).toEqual([]);
    });
    await checkProperty("analytics sums", property, { runs: 6 });
  }, 60_000);

  it("hours make up days in whatever order views arrive", async () => {
    const property = fc.asyncProperty(clicks, fc.integer(), async (sequence, seed) => {
      const startMs = Date.UTC(2026, 9, 20);
      const views = sequence.map(({ path, member, afterMs }, index) => ({
        path,
        visitor: { member },
        // Scattered over ten days, near each other often.
        atMs: startMs + ((afterMs * 7 + index * (seed % 1_000) * minuteMs) % (10 * dayMs) + 10 * dayMs) % (10 * dayMs),
      }));
      await using test = await createTestCore(url, { clock: manualClock(startMs + 11 * dayMs) });
      const site = test.core.analytics("shop");
      await site.trackMany(views);
      const stretch = { from: startMs, to: startMs + 10 * dayMs };
      const [hours, days] = await Promise.all([
        site.series({ ...stretch, by: "hour" }),
        site.series({ ...stretch, by: "day" }),
      ]);
      for (const { startsAtMs, visitors: _, ...figures } of days) {
        const own = hours.filter((hour) => Math.floor(hour.startsAtMs / dayMs) === startsAtMs / dayMs);
        for (const figure of ["views", "visits", "bounces", "spentMs"] as const) {
          expect(own.reduce((sum, hour) => sum + hour[figure], 0)).toBe(figures[figure]);
        }
        expect(own.every(({ bounces, visits, views: seen }) => bounces >= 0 && visits <= seen)).toBe(true);
        expect(figures.bounces).toBeLessThanOrEqual(figures.visits);
      }
    });
    await checkProperty("analytics in any order", property, { runs: 15 });
  }, 60_000);

  it("estimates visitors within 2 %, over hours, days and their unions, in simulated months", async () => {
    const visitors = Math.min(10_000_000, 200_000 * longForm);
    const days = 60;
    const startMs = Date.UTC(2026, 8, 1);
    await using test = await createTestCore(url, { clock: manualClock(startMs + days * dayMs) });
    const options = { keep: { hours: "100d", days: "100d", pages: "100d" } } as const;
    const site = test.core.analytics("shop", options);
    const hourOf = (number: number) => Math.floor((number * days * 24) / visitors);
    for (let first = 0; first < visitors; first += 10_000) {
      await site.trackMany(
        Array.from({ length: 10_000 }, (_, index): PageView => {
          const number = first + index;
          // Fixed ids, so that the error is the same at every run.
          return {
            path: `/${number % 3}`,
            visitor: { member: `member-${number}` },
            atMs: startMs + hourOf(number) * hourMs + (number % 3_000),
          };
        }),
      );
    }
    const isNear = (estimate: number, truth: number) => Math.abs(estimate - truth) <= Math.max(1, truth * 0.02);
    const whole = { from: startMs, to: startMs + days * dayMs };
    const { total, series } = await site.report({ ...whole, by: "day" });
    expect(total.views).toBe(visitors);
    expect(series.reduce((sum, { views }) => sum + views, 0)).toBe(visitors);
    expect(isNear(total.visitors, visitors)).toBe(true);
    const off = series.reduce((sum, { views, visitors: estimate }) => sum + Math.abs(estimate - views), 0);
    expect(off / visitors).toBeLessThan(0.02);
    let hourly = 0;
    for (const from of [startMs, startMs + 30 * dayMs]) {
      const month = { from, to: from + 30 * dayMs };
      const [byHour, byDay] = [await site.report({ ...month, by: "hour" }), await site.report({ ...month, by: "day" })];
      expect(byHour.total).toEqual(byDay.total);
      expect(isNear(byHour.total.visitors, byHour.total.views)).toBe(true);
      hourly += byHour.series.reduce((sum, { views }) => sum + views, 0);
    }
    expect(hourly).toBe(visitors);
    const page = await site.page("/0", { ...whole, by: "day" });
    expect(isNear(page.visitors, page.views)).toBe(true);

    // Those of single visitors and batches come and go, and are counted by their number.
    const keys = (await test.listKeys()).filter((key) => !/:(visitor|batch):/.test(key));
    const sizes = await test.redis.port.batch(keys.map((key) => ({ name: "MEMORY USAGE", keys: [key], args: [] })));
    const bytes = sizes.reduce((sum, size) => sum + (size.ok ? Number(size.reply) : 0), 0);
    const bound = analyticsMemoryBytes(options, { visitorsAtOnce: 0 });
    const error = ((100 * Math.abs(total.visitors - visitors)) / visitors).toFixed(2);
    process.stdout.write(
      `${visitors} views of ${days} days: ${keys.length} keys, ${bytes} of ${bound} bytes, visitors ${error} % off\n`,
    );
    expect(bytes).toBeGreaterThan(keys.length * 50);
    expect(bytes).toBeLessThan(bound);
  }, 600_000);
});
