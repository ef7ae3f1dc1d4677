import { startRedis } from "@cardinal/dev";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import type { PageView } from "../src/analytics/index.ts";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import { countCommands } from "./support/count-commands.ts";

const url = inject("redisUrl");
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const monday = Date.UTC(2026, 10, 23);
const whole = { from: monday, to: monday + day };

const anonymous = (address: string) => ({ address, userAgent: "Test/1" });
// Members, whose places in a sketch are the same at every run: those of a random salt may fall together.
const view = (path: string, who: string, more: Partial<PageView> = {}): PageView => ({
  path,
  visitor: { member: who },
  ...more,
});

async function openSite(startMs = monday + 10 * hour) {
  const clock = manualClock(startMs);
  const test = await createTestCore(url, { clock });
  return { clock, test, site: test.core.analytics("shop"), [Symbol.asyncDispose]: test[Symbol.asyncDispose] };
}

describe("analytics", () => {
  it("counts views, visitors and pages, and every key goes by itself", async () => {
    await using env = await openSite();
    const { site, clock, test } = env;
    expect(await site.track(view("/", "1.1.1.1"))).toBe("counted");
    await site.trackMany([view("/", "1.1.1.2"), view("/blog", "1.1.1.1"), view("/", "1.1.1.1")]);
    clock.advance(2 * hour);
    await site.track({ path: "/blog", visitor: { member: "ada" } });

    const report = await site.report({ ...whole, by: "hour" });
    expect(report.total).toMatchObject({ views: 5, visitors: 3, visits: 3, bounces: 2 });
    expect(report.series).toHaveLength(24);
    expect(report.series[10]).toMatchObject({ startsAtMs: monday + 10 * hour, views: 4, visitors: 2 });
    expect(report.series[12]).toMatchObject({ views: 1, visitors: 1 });
    expect((await site.report({ ...whole, by: "day" })).series).toMatchObject([{ views: 5, visitors: 3 }]);

    expect(await site.page("/blog", { ...whole, by: "day" })).toEqual({
      views: 2,
      visitors: 2,
      series: [{ startsAtMs: monday, views: 2, visitors: 2 }],
    });
    const byHour = await site.page("/", { from: monday + 9 * hour, to: monday + 12 * hour, by: "hour" });
    expect(byHour.series.map(({ views }) => views)).toEqual([0, 3, 0]);
    expect(await site.series({ from: monday + day, to: monday + 3 * day, by: "day" })).toMatchObject([
      { views: 0, visitors: 0 },
      { views: 0, visitors: 0 },
    ]);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("a visit ends after 30 minutes away, and one that saw a single page is a bounce", async () => {
    await using env = await openSite(monday + 11 * hour + 45 * minute);
    const { site, clock } = env;
    const figures = async (by: "hour" | "day") => {
      const { total, series } = await site.report({ ...whole, by });
      return { ...total, hours: series.slice(11, 13).map(({ visits, bounces }) => [visits, bounces]) };
    };
    await site.track(view("/", "1.1.1.1"));
    expect(await figures("hour")).toMatchObject({ visits: 1, bounces: 1, bounceRate: 1, hours: [[1, 1], [0, 0]] });
    clock.advance(30 * minute - 1);
    // The second page, in another hour: the bounce is taken back where it was counted.
    await site.track(view("/blog", "1.1.1.1"));
    expect(await figures("hour")).toMatchObject({ visits: 1, bounces: 0, hours: [[1, 0], [0, 0]] });
    expect(await figures("day")).toMatchObject({ visits: 1, bounces: 0 });
    clock.advance(30 * minute);
    await site.track(view("/", "1.1.1.1"));
    expect(await figures("day")).toMatchObject({
      visits: 2,
      bounces: 1,
      spentMs: 30 * minute - 1,
      bounceRate: 0.5,
      viewsPerVisit: 1.5,
      averageVisitMs: (30 * minute - 1) / 2,
    });
  });

  it("splits by referrer, country, device and browser; the parts always make up the whole", async () => {
    await using env = await openSite();
    const { site } = env;
    await site.trackMany([
      view("/", "1", { referrer: "news.example", country: "DE", device: "mobile", browser: "Firefox" }),
      view("/", "2", { referrer: "news.example", country: "NP", device: "desktop", browser: "Chrome" }),
      view("/", "3", { country: "DE", device: "desktop" }),
    ]);
    expect(await site.top("referrer", { ...whole, n: 1 })).toEqual({
      labels: [{ label: "news.example", views: 2, mayMiss: 0 }],
      other: 1,
      total: 3,
    });
    const labelsOf = async (dimension: "referrer" | "country" | "device" | "browser") =>
      Object.fromEntries((await site.top(dimension, whole)).labels.map(({ label, views }) => [label, views]));
    expect(await labelsOf("referrer")).toEqual({ "news.example": 2, direct: 1 });
    expect(await labelsOf("country")).toEqual({ DE: 2, NP: 1 });
    expect(await labelsOf("device")).toEqual({ desktop: 2, mobile: 1 });
    expect(await labelsOf("browser")).toEqual({ Firefox: 1, Chrome: 1, unknown: 1 });
  });

  it("compares two stretches of one moment", async () => {
    await using env = await openSite();
    const { site, clock } = env;
    await site.trackMany([view("/", "1"), view("/", "2")]);
    clock.advance(day);
    await site.trackMany([view("/", "1"), view("/", "2"), view("/", "3")]);
    const comparison = await site.compare({
      current: { from: monday + day, to: monday + 2 * day },
      previous: whole,
      by: "day",
    });
    expect(comparison.current.views).toBe(3);
    expect(comparison.previous.views).toBe(2);
    expect(comparison.change).toMatchObject({ views: 0.5, visitors: 0.5, bounceRate: 0, averageVisitMs: null });
  });

  it("counts members active in a day, an ISO week and a month", async () => {
    const sunday = Date.UTC(2024, 1, 25);
    await using env = await openSite(sunday + 12 * hour);
    const { site, clock } = env;
    const active = async (at?: number) =>
      await Promise.all([
        site.activeMembers("day", at),
        site.activeMembers("week", at),
        site.activeMembers("month", at),
      ]);
    await site.trackMany([
      { path: "/", visitor: { member: "ada" } },
      { path: "/", visitor: { member: "ada" } },
      { path: "/", visitor: { member: "bo" } },
      { path: "/", visitor: anonymous("1.1.1.1") },
    ]);
    expect(await active()).toEqual([2, 2, 2]);
    clock.advance(day);
    await site.track({ path: "/", visitor: { member: "cy" } });
    expect(await active()).toEqual([1, 1, 3]);
    // 29 February of a leap year belongs to the month and to that week.
    clock.set(Date.UTC(2024, 1, 29, 23, 59));
    await site.track({ path: "/", visitor: { member: "di" } });
    expect(await active()).toEqual([1, 2, 4]);
    clock.set(Date.UTC(2024, 2, 1));
    expect(await active()).toEqual([0, 2, 0]);
    expect(await active(sunday)).toEqual([2, 2, 4]);
  });

  it("knows who is there now: the last five minutes, at most 30 seconds more", async () => {
    await using env = await openSite(monday + 12 * hour - minute);
    const { site, clock } = env;
    await site.trackMany([view("/", "1"), view("/blog", "1"), view("/", "2")]);
    clock.advance(4 * minute);
    await site.track(view("/", "3"));
    expect(await site.now()).toBe(3);
    clock.advance(minute);
    expect(await site.now()).toBe(3);
    clock.advance(30_000);
    expect(await site.now()).toBe(1);
    clock.advance(6 * minute);
    expect(await site.now()).toBe(0);
  });

  it("counts a view with an id once, and no bot", async () => {
    await using env = await openSite();
    const { site, test, clock } = env;
    expect(await site.track(view("/", "1", { id: "view-1" }))).toBe("counted");
    expect(await site.track(view("/", "1", { id: "view-1" }))).toBe("repeated");
    const many = [view("/", "1", { id: "view-2" }), view("/", "2", { isBot: true }), view("/", "1", { id: "view-1" })];
    expect(await site.trackMany(many)).toEqual(["counted", "bot", "repeated"]);
    expect(await site.track(view("/", "2", { isBot: true }))).toBe("bot");
    expect((await site.report({ ...whole, by: "day" })).total).toMatchObject({ views: 2, visitors: 1, visits: 1 });
    expect(await site.trackMany([])).toEqual([]);
    clock.advance(day);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("brings in views of the past, and refuses those of the future and those no longer kept", async () => {
    await using env = await openSite();
    const { site, clock } = env;
    const atMs = monday - 20 * day + 5 * hour;
    await site.trackMany([view("/", "1", { atMs }), view("/", "1", { atMs: atMs + minute }), view("/", "1")]);
    const past = { from: atMs, to: atMs + 1 };
    expect((await site.report({ ...past, by: "hour" })).total).toMatchObject({ views: 2, visits: 1, bounces: 0 });
    expect((await site.report({ ...past, by: "day" })).total.views).toBe(2);
    expect(await site.now()).toBe(1);
    // The visit of now goes on, whatever is brought in between.
    clock.advance(minute);
    await site.trackMany([view("/", "1", { atMs: atMs + 2 * minute }), view("/blog", "1")]);
    expect((await site.report({ ...whole, by: "day" })).total).toMatchObject({ views: 2, visits: 1, bounces: 0 });
    for (const wrong of [Number.NaN, monday + 11 * hour, monday - 401 * day, -1, 0]) {
      await expect(site.track(view("/", "1", { atMs: wrong }))).rejects.toThrow(Misuse);
    }
  });

  it("takes any text and stays whole", async () => {
    await using env = await openSite();
    const { site, test } = env;
    const long = `/${"x".repeat(10_000)}`;
    const paths = [long, "/{shop}", "/a:b*?[c]", "/\u0000new\nline\u2028", "/ä😀", "/\uD800"];
    await site.trackMany(paths.map((path) => view(path, "1", { referrer: path, country: path, browser: path })));
    const { labels, total } = await site.top("page", whole);
    expect(total).toBe(6);
    expect(labels.map(({ label }) => label).toSorted()).toEqual(
      [`/${"x".repeat(198)}…`, "/{shop}", "/a:b*?[c]", "/newline", "/ä😀", "/\uFFFD"].toSorted(),
    );
    expect((await site.page(long, { ...whole, by: "day" })).views).toBe(1);
    const keys = await test.listKeys();
    expect(keys.filter((key) => key.match(/[{}]/g)?.join("") !== "{}")).toEqual([]);
    const visitor = anonymous("1");
    for (const bad of [
      { path: "", visitor },
      { path: "\n \u0007", visitor },
      { path: "/", visitor: { member: "" } },
      { path: "/", visitor: { member: "\uD800" } },
      { path: "/", visitor, id: "" },
    ]) {
      await expect(site.track(bad)).rejects.toThrow(Misuse);
    }
    expect((await site.report({ ...whole, by: "day" })).total.views).toBe(6);
  });

  it("refuses stretches and options out of range", async () => {
    await using env = await openSite();
    const { site, test } = env;
    const { to, from } = whole;
    await expect(site.report({ from: to, to: from, by: "day" })).rejects.toThrow(Misuse);
    await expect(site.report({ from: Number.NaN, to, by: "day" })).rejects.toThrow(Misuse);
    await expect(site.report({ from: from - 42 * day, to, by: "hour" })).rejects.toThrow(Misuse);
    await expect(site.top("page", { from: from - 100 * day, to })).rejects.toThrow(Misuse);
    await expect(site.top("page", { ...whole, n: 0 })).rejects.toThrow(Misuse);
    expect(() => test.core.analytics("shop", { most: { page: 0 } })).toThrow(Misuse);
    expect(() => test.core.analytics("shop", { keep: { hours: "1h" } })).toThrow(Misuse);
    expect(() => test.core.analytics("shop", { visitWindow: "2h" })).toThrow(Misuse);
  });
});

describe("keys of analytics", () => {
  it("end when their bucket has, plus the keep time", async () => {
    const clock = manualClock(monday + 10 * hour + 20 * minute);
    await using test = await createTestCore(url, { clock });
    const site = test.core.analytics("shop", { keep: { hours: "3h", days: "10d", pages: "2d" } });
    await site.trackMany([{ path: "/", visitor: { member: "ada" }, id: "one" }, { path: "/", visitor: anonymous("1") }]);
    const endOfDay = 13 * hour + 40 * minute;
    const expected: Record<string, number> = {
      hour: 40 * minute + 3 * hour,
      "hour-visitors": 40 * minute + 3 * hour,
      day: endOfDay + 10 * day,
      "day-visitors": endOfDay + 10 * day,
      members: endOfDay + 10 * day,
      "page-hours": endOfDay + 2 * day,
      "page-visitors": endOfDay + 2 * day,
      "top:page": endOfDay + 2 * day,
      "top:referrer": endOfDay + 10 * day,
      "top:country": endOfDay + 10 * day,
      "top:device": endOfDay + 10 * day,
      "top:browser": endOfDay + 10 * day,
      visitor: 30 * minute,
      recent: 6 * minute,
      event: day,
      batch: minute,
      salt: endOfDay,
    };
    const left: Record<string, boolean> = {};
    for (const key of await test.listKeys()) {
      const [, , , kind = "", , , dimension] = key.split(":");
      const name = kind === "top" ? `top:${dimension}` : kind;
      const leftMs = Number(await test.redis.port.command("PTTL", [key], []));
      // The test's clock stands still; Redis' does not.
      const wanted = expected[name] ?? 0;
      left[name] = leftMs <= wanted && leftMs > wanted - 20_000;
    }
    expect(left).toEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, true])));
  });
});

describe("round trips of analytics", () => {
  it("one for every call, and one for all calls of a turn", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const site = test.core.analytics("shop");
    const stretch = { from: Date.now() - 30 * day, to: Date.now() + day };
    const scripts = async (work: () => Promise<unknown>) => {
      const counts = await countCommands(test.redis.port, work);
      return (counts["evalsha"] ?? 0) + (counts["eval"] ?? 0);
    };
    // The first view of a day asks for the salt too, and every script is loaded once.
    await site.track({ path: "/", visitor: anonymous("1") });
    await site.trackMany([view("/", "1")]);
    await site.now();
    expect(await scripts(() => site.track(view("/", "2")))).toBe(1);
    expect(await scripts(() => site.track({ path: "/", visitor: anonymous("2") }))).toBe(1);
    expect(await scripts(() => Promise.all(["3", "4", "5"].map((who) => site.track(view("/", who)))))).toBe(1);
    expect(await scripts(() => site.trackMany(Array.from({ length: 200 }, (_, n) => view("/", `${n}`))))).toBe(1);
    expect(await scripts(() => site.now())).toBe(1);
    const reads: (() => Promise<unknown>)[] = [
      () => site.report({ ...stretch, by: "hour" }),
      () => site.series({ ...stretch, by: "day" }),
      () => site.page("/", { ...stretch, by: "hour" }),
      () => site.top("page", stretch),
      () => site.compare({ current: stretch, previous: stretch, by: "day" }),
    ];
    for (const read of reads) {
      await read();
      expect(await scripts(read)).toBe(1);
    }
    const members = await countCommands(test.redis.port, () => site.activeMembers("month"));
    expect(members).toMatchObject({ pfcount: 1 });
    expect(Object.keys(members).filter((name) => name.startsWith("eval"))).toEqual([]);
  });
});
