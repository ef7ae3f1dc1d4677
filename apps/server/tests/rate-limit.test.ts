import { describe, expect, inject, it } from "vitest";
import { rateLimitPolicies } from "@cardinal/api";
import { createTestServer } from "./support/create-test-server.ts";

const tight = {
  ...rateLimitPolicies,
  search: { ...rateLimitPolicies.search, member: { minute: { limit: 2, window: "1m" as const } } },
  read: { ...rateLimitPolicies.read, address: { minute: { limit: 3, window: "1m" as const } } },
};
const options = { redisUrl: inject("redisUrl"), overrides: { deps: { policies: tight } } };

describe("the rate limit", () => {
  it("tells a caller where he stands, and when he may come back", async () => {
    await using test = await createTestServer(options);
    const client = await test.signedInClient("bo");
    const first = await client.query("user.search", { query: "a" });
    expect(first.status).toBe(200);
    expect(first.headers.get("x-ratelimit-limit")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
    expect(Number(first.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1_000 - 1);
    expect(first.headers.get("ratelimit")).toMatch(/^"member-minute";r=1;t=\d+$/);
    expect(first.headers.get("ratelimit-policy")).toBe('"member-minute";q=2;w=60');
    await client.query("user.search", { query: "b" });

    const refused = await client.query("user.search", { query: "c" });
    expect(refused).toMatchObject({
      status: 429,
      error: {
        code: "TOO_MANY_REQUESTS",
        reason: "RATE_LIMITED",
        rateLimit: { policy: "search:member-minute", limit: 2, remaining: 0 },
      },
    });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Object(refused.error?.["rateLimit"]).retryAfterMs).toBeGreaterThan(0);
  });

  it("counts a member wherever he is, and other members apart", async () => {
    await using test = await createTestServer(options);
    const [one, two] = [await test.signedInClient("bo"), await test.signedInClient("bo")];
    await one.query("user.search", { query: "a" });
    await two.query("user.search", { query: "b" });
    expect((await one.query("user.search", { query: "c" })).status).toBe(429);
    const other = await test.signedInClient("cy");
    expect((await other.query("user.search", { query: "d" })).status).toBe(200);
  });

  it("charges a forged token to its sender, not to the member it names", async () => {
    await using test = await createTestServer(options);
    const member = await test.signedInClient("bo");
    const [userPart] = member.cookies.get("cardinal_sid")!.split(".");
    const forger = test.newClient();
    forger.setCookie("cardinal_sid", `${userPart}.${"A".repeat(43)}`);
    const statuses = [];
    for (let n = 0; n < 5; n += 1) {
      statuses.push((await forger.query("room.list")).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await member.query("room.list")).status).toBe(200);
  });

  it("does not believe addresses that callers write", async () => {
    await using test = await createTestServer(options);
    const statuses = [];
    for (let n = 0; n < 5; n += 1) {
      const headers = {
        "x-forwarded-for": `203.0.113.${n}`,
        "x-real-ip": `203.0.113.${n}`,
        forwarded: `for=203.0.113.${n}`,
        "cf-connecting-ip": `203.0.113.${n}`,
      };
      statuses.push((await test.newClient().query("post.tags", undefined, { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it("believes as many proxies as it is told of", async () => {
    await using test = await createTestServer({ ...options, env: { TRUSTED_PROXY_HOPS: "1" } });
    for (let n = 0; n < 5; n += 1) {
      const headers = { "x-forwarded-for": `198.51.100.1, 203.0.113.${n}` };
      expect((await test.newClient().query("post.tags", undefined, { headers })).status).toBe(200);
    }
  });

  it("carries the tightest of a batch", async () => {
    await using test = await createTestServer(options);
    const client = await test.signedInClient("bo");
    const input = encodeURIComponent(JSON.stringify({ 1: { query: "a" } }));
    const answer = await client.fetch(`/api/trpc/room.list,user.search?batch=1&input=${input}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("2");
  });

  it("stops guesses at one account and leaves the next to the same visitor", async () => {
    await using test = await createTestServer({ redisUrl: inject("redisUrl") });
    const guess = (login: string) =>
      test.newClient().mutate("auth.signIn", { login, password: "a wrong guess" });
    const guesses = await Promise.all(Array.from({ length: 8 }, () => guess("bo")));
    const refused = guesses.filter(({ status }) => status === 429);
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(refused).toHaveLength(3);
    expect((await guess("cy")).status).toBe(401);
  });

  it("gives back what a successful sign-in cost", async () => {
    await using test = await createTestServer({ redisUrl: inject("redisUrl") });
    for (let n = 0; n < 7; n += 1) {
      expect((await test.newClient().signIn("di")).status).toBe(200);
    }
  });
});
