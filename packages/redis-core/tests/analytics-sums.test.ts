import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import type { PageView } from "../src/analytics/index.ts";
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

  it("estimates visitors within 2 %, over hours, days and their unions", async () => {
    const visitors = Math.min(100_000, 15_000 * longForm);
    const startMs = Date.UTC(2026, 10, 23);
    await using test = await createTestCore(url, { clock: manualClock(startMs + 2 * dayMs) });
    const site = test.core.analytics("shop");
    for (let first = 0; first < visitors; first += 2_500) {
      await site.trackMany(
        Array.from({ length: 2_500 }, (_, index): PageView => {
          const number = first + index;
          // Half of them come again on the second day.
          const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
          return { path: "/", visitor: { address, userAgent: "Test/1" }, atMs: startMs + (number % 48) * hourMs };
        }),
      );
    }
    const within = (estimate: number, truth: number) => Math.abs(estimate - truth) / truth;
    const both = { from: startMs, to: startMs + 2 * dayMs };
    const { total, series } = await site.report({ ...both, by: "day" });
    expect(within(total.visitors, visitors)).toBeLessThan(0.02);
    for (const day of series) {
      expect(within(day.visitors, visitors / 2)).toBeLessThan(0.02);
    }
    expect(within((await site.report({ ...both, by: "hour" })).total.visitors, visitors)).toBeLessThan(0.02);
    expect(within((await site.page("/", { ...both, by: "day" })).visitors, visitors)).toBeLessThan(0.02);
  }, 60_000);
});
