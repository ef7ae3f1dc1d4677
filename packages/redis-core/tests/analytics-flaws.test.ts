import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { createTestCore } from "../src/testing/index.ts";
import { pageAnalyticsOf, viewsByHour } from "./support/page-analytics.ts";
import type { DayRead } from "./support/time-zone-worker.ts";

const url = inject("redisUrl");

describe("keys of page analytics (F15)", () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `/page-${index}`);
  const keysAfterMadeUpNames = async (kind: "naive" | "ours") => {
    await using test = await createTestCore(url);
    const analytics = pageAnalyticsOf(kind, test);
    await Promise.all(names.map((name) => analytics.track(name, "ada", Date.now())));
    const [all, permanent] = await Promise.all([test.listKeys(), test.listPermanentKeys()]);
    return { all: all.length, permanent: permanent.length };
  };

  it("stay for ever and grow with every name anybody makes up, written naively", async () => {
    const { all, permanent } = await keysAfterMadeUpNames("naive");
    expect(all).toBeGreaterThanOrEqual(3 * names.length);
    expect(permanent).toBe(all);
  });

  it("go by themselves, and are bounded whatever names are made up", async () => {
    const { all, permanent } = await keysAfterMadeUpNames("ours");
    expect(permanent).toBe(0);
    // 100 listed pages, 200 that wait for their sweep, and those of the hour and the day.
    expect(all).toBeLessThan(100 + 200 + 40);
  });
});

describe.each(["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])("in the time zone %s (F16)", (zone) => {
  const readDays = async (kind: "naive" | "ours") => {
    const worker = fork(join(import.meta.dirname, "support/time-zone-worker.ts"), [url, kind], {
      env: { ...process.env, TZ: zone },
      execArgv: [],
    });
    const [reads] = (await once(worker, "message")) as [DayRead[]];
    await once(worker, "exit");
    expect(reads.every(({ localHourOfNoon }) => localHourOfNoon !== 12)).toBe(true);
    return reads;
  };
  const sum = (hours: readonly number[]) => hours.reduce((total, views) => total + views, 0);

  it("the hours of a day do not make it up, written naively", async () => {
    for (const { views, hours } of await readDays("naive")) {
      expect(views).toBe(sum(viewsByHour));
      expect(sum(hours)).not.toBe(views);
    }
  });

  it("the hours of every day make up the day, where clocks change and on a leap day", async () => {
    for (const { views, hours, bucketOfNoon } of await readDays("ours")) {
      expect(bucketOfNoon).toMatch(/T12$/);
      expect(views).toBe(sum(viewsByHour));
      expect(hours).toEqual(viewsByHour);
    }
  });
});
