import { randomUUID } from "node:crypto";
import { fillDemoViews } from "@cardinal/api/use-cases";
import { pageViewQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import type { TestClient } from "./support/test-client.ts";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

let test: TestServer;
let bo: TestClient;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl"), env: { COUNTRY_HEADER: "X-Country" } });
  bo = await test.signedInClient("bo");
});
afterAll(() => test[Symbol.asyncDispose]());

const track = async (client: TestClient, path: string, more: object = {}, headers: Record<string, string> = {}) =>
  (
    await client.mutate(
      "analytics.track",
      { path, viewId: randomUUID(), ...more },
      { headers: { "user-agent": firefox, ...headers } },
    )
  ).data;
const report = async (days = 1) => Object((await bo.query("analytics.report", { days })).data);
const top = async (dimension: string) => {
  const { data } = await bo.query("analytics.top", { dimension, days: 7 });
  return Object.fromEntries(
    Object(data).labels.map(({ label, views }: { label: string; views: number }) => [label, views]),
  );
};

describe("page views", () => {
  it("are counted once each, of members and of anybody, and told to members", async () => {
    const anybody = test.newClient();
    const viewId = randomUUID();
    expect(await track(bo, "/blog?page=2#top", { viewId, referrer: "https://www.news.example/x" })).toEqual({
      outcome: "counted",
    });
    expect(await track(bo, "/blog", { viewId })).toEqual({ outcome: "repeated" });
    expect(await track(bo, "/", { timeZone: "Asia/Kathmandu" })).toEqual({ outcome: "counted" });
    expect(await track(anybody, "/blog", {}, { "x-country": "DE" })).toEqual({ outcome: "counted" });
    expect(await track(anybody, "/blog", {}, { "user-agent": "curl/8.5.0" })).toEqual({ outcome: "bot" });

    const { by, current, previous, series } = await report();
    expect(by).toBe("hour");
    expect(current).toMatchObject({ views: 3, visits: 2, bounceRate: 0.5 });
    expect(previous.views).toBe(0);
    expect(series).toHaveLength(24);
    expect(await top("page")).toEqual({ "/blog": 2, "/": 1 });
    expect(await top("referrer")).toEqual({ "news.example": 1, direct: 2 });
    expect(await top("country")).toEqual({ DE: 1, NP: 1, unknown: 1 });
    expect(await top("browser")).toEqual({ Firefox: 3 });
    // Two, unless the day's salt makes the sketch take them for one.
    expect([1, 2]).toContain(Object((await bo.query("analytics.now")).data).visitors);
  });

  it("are shown to members only, and taken from our own pages only", async () => {
    const anybody = test.newClient();
    for (const path of ["analytics.report", "analytics.top", "analytics.now"]) {
      expect((await anybody.query(path, { days: 7, dimension: "page" })).status).toBe(401);
    }
    const elsewhere = await bo.mutate(
      "analytics.track",
      { path: "/", viewId: randomUUID() },
      { headers: { origin: "https://elsewhere.example" } },
    );
    expect(elsewhere.status).toBe(403);
  });

  it.each([{ path: "" }, { path: "https://x" }, { path: `/${"x".repeat(2_001)}` }, { viewId: "1" }, { more: 1 }])(
    "are refused with %j",
    async (wrong) => {
      const input = { path: "/", viewId: randomUUID(), ...wrong };
      expect((await bo.mutate("analytics.track", input)).status).toBe(400);
    },
  );
});

describe("the seeded page views", () => {
  it("are counted once, hour by hour as they stand in the database", async () => {
    const { deps, db } = test.server.context;
    // As on the day after the last of them, whenever the test runs.
    const rows = await db.read((tx) =>
      pageViewQueries.hourlyRows(tx, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }),
    );
    const lastMs = rows.at(-1)?.atMs ?? 0;
    const analytics = test.server.context.core.analytics("seeded", { keep: { hours: "1800d", days: "1800d" } });
    const seeded = { ...deps, analytics, now: () => lastMs + 86_400_000 };
    const { signal } = new AbortController();
    const views = rows.reduce((sum, row) => sum + row.views, 0);
    expect(await fillDemoViews(seeded, signal)).toBe(views);
    expect(await fillDemoViews(seeded, signal)).toBe(0);
    const stretch = { from: rows[0]?.atMs ?? 0, to: lastMs + 3_600_000 };
    const expected = Map.groupBy(rows, ({ atMs }) => atMs);
    const { total, series } = await analytics.report({ ...stretch, by: "hour" });
    expect(total.views).toBe(views);
    for (const { startsAtMs, views: counted } of series) {
      expect(counted).toBe((expected.get(startsAtMs) ?? []).reduce((sum, row) => sum + row.views, 0));
    }
  });
});
