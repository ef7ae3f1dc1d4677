import { startUpstashGateway } from "@cardinal/dev";
import { Redis as UpstashRedis } from "@upstash/redis";
import { describe, expect, inject, test, vi } from "vitest";
import { createHandlers } from "../examples/fetch-handler.ts";
import { manualClock } from "../src/clock.ts";
import { OutcomeUnknown } from "../src/errors.ts";
import { fetchSessions, withinLimit } from "../src/fetch/index.ts";
import { createRedisCore } from "../src/index.ts";
import { randomHex } from "../src/random.ts";
import { concurrency, fixedWindow } from "../src/rate-limit/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { upstashPort } from "../src/upstash/index.ts";
import { Browser } from "./support/browser.ts";

const url = inject("redisUrl");
const site = "https://shop.example/api/session";

function open(env: TestCore, nowMs: () => number = Date.now) {
  const handlers = createHandlers(env.core);
  const send = (request: Request) => handlers[request.method as keyof typeof handlers](request);
  return { send, browser: new Browser(send, nowMs) };
}

const signIn = (headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers,
  body: JSON.stringify({ name: "ada" }),
});

describe("the example handlers", () => {
  test("sign in, go on with the cookie while it is used, sign out", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const { browser } = open(env, () => clock.nowMs());
    expect((await browser.visit(site)).status).toBe(401);
    expect((await browser.visit(site, signIn())).status).toBe(200);
    for (let day = 1; day <= 29; day += 1) {
      clock.advance(86_400_000);
      const response = await browser.visit(site);
      expect(await response.json()).toEqual({ theme: "dark" });
      const left = Math.min(7, 30 - day) * 86_400_000;
      expect((browser.cookies.get("__Host-sid")?.endsAtMs ?? 0) - clock.nowMs()).toBe(left);
    }
    expect((await browser.visit(site, { method: "DELETE" })).status).toBe(204);
    expect(browser.cookies.get("__Host-sid")?.value).toBe("");
    expect((await browser.visit(site)).status).toBe(401);
  });

  test("a program gets the token itself, and no cookie", async () => {
    await using env = await createTestCore(url);
    const { send } = open(env);
    const response = await send(new Request(site, signIn({ "x-wants-token": "1" })));
    expect(response.headers.getSetCookie()).toEqual([]);
    const { token } = (await response.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect(await (await send(new Request(site, { headers }))).json()).toEqual({ theme: "dark" });
    await send(new Request(site, { headers, method: "DELETE" }));
    expect((await send(new Request(site, { headers }))).status).toBe(401);
  });

  test("sign-ins are counted by the address the last proxy saw", async () => {
    await using env = await createTestCore(url);
    const { send } = open(env);
    const attempt = (address: string) => send(new Request(site, signIn({ "x-forwarded-for": address })));
    for (let count = 1; count <= 5; count += 1) {
      const { status, headers } = await attempt(`10.0.0.${count}, 2001:db8:1:2::${count}`);
      expect([status, headers.get("x-ratelimit-remaining")]).toEqual([200, String(5 - count)]);
    }
    const refused = await attempt("2001:db8:1:2:ffff::1");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: "TOO_MANY_REQUESTS", limitedBy: "address" });
    expect((await attempt("2001:db8:1:3::1")).status).toBe(200);
  });
});

test("the same handlers over HTTP to Redis, as on an edge without sockets", async () => {
  const token = "a-token";
  await using gateway = await startUpstashGateway({ redisUrl: url, token });
  const client = new UpstashRedis({ url: gateway.url, token, retry: { retries: 0 } });
  const prefix = `edge-${randomHex(6)}`;
  await using core = createRedisCore({ redis: upstashPort(client), prefix });
  const handlers = createHandlers(core);
  const browser = new Browser(
    (request) => handlers[request.method as keyof typeof handlers](request),
    Date.now,
  );
  expect((await browser.visit(site, signIn())).status).toBe(200);
  expect(await (await browser.visit(site)).json()).toEqual({ theme: "dark" });
  expect((await browser.visit(site, { method: "DELETE" })).status).toBe(204);
  expect((await browser.visit(site)).status).toBe(401);
});

test("an outage is 503 with Retry-After, another error the handler's own", async () => {
  await using env = await createTestCore(url);
  const sessions = env.core.sessions<null>({ idle: "1h", absolute: "1d" });
  const auth = fetchSessions(sessions);
  const { token } = await sessions.create({ userId: "ada", data: null });
  const request = new Request(site, { headers: { cookie: `__Host-sid=${token}` } });
  const run = vi.spyOn(env.redis.port, "run").mockRejectedValue(new OutcomeUnknown("no reply"));
  const response = await auth.handle(request, () => new Response("never"));
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  await expect(auth.open(request)).rejects.toThrow(OutcomeUnknown);
  run.mockRestore();
  const fail = () => {
    throw new Error("the handler's own");
  };
  await expect(auth.handle(request, fail)).rejects.toThrow("the handler's own");
});

test("a response that cannot be changed is copied with its status, headers and body", async () => {
  await using env = await createTestCore(url);
  const auth = fetchSessions(env.core.sessions<null>({ idle: "1h", absolute: "1d" }), { cookie: { isSecure: false } });
  const visit = await auth.open(new Request(site));
  expect(visit.setCookie()).toBeNull();
  const redirect = Response.redirect("https://shop.example/home", 303);
  expect(visit.seal(redirect)).toBe(redirect);
  await visit.signIn({ userId: "ada", data: null });
  const sealed = visit.seal(redirect);
  expect([sealed.status, sealed.headers.get("location")]).toEqual([303, "https://shop.example/home"]);
  expect(sealed.headers.getSetCookie()).toEqual([visit.setCookie()]);
  expect(visit.setCookie()).toMatch(/^sid=[^;]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(sealed.headers.get("cache-control")).toBe("no-store");
  const cached = visit.seal(new Response("body", { headers: { "Cache-Control": "private" } }));
  expect([await cached.text(), cached.headers.get("cache-control")]).toEqual(["body", "private"]);
});

test("withinLimit gives its lease back when the handler has answered, or thrown", async () => {
  await using env = await createTestCore(url);
  const limiter = env.core.limiter("slow", { inFlight: concurrency(1, { ttl: "1h" }), all: fixedWindow(100, "366d") });
  const options = { keys: { inFlight: "all", all: "all" }, cost: 1 };
  const nested = await withinLimit(limiter, options, async () => {
    const inner = await withinLimit(limiter, options, () => new Response("never"));
    expect(inner.status).toBe(429);
    return new Response("outer");
  });
  expect([await nested.text(), nested.headers.get("x-ratelimit-limit")]).toEqual(["outer", "1"]);
  const failing = withinLimit(limiter, options, () => Promise.reject(new Error("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect((await withinLimit(limiter, options, () => new Response("again"))).status).toBe(200);
});
