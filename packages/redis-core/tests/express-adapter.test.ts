import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { createApp } from "../examples/express-app.ts";
import { manualClock } from "../src/clock.ts";
import { RedisUnavailable } from "../src/errors.ts";
import { addressOf, answerOutage, expressSessions, limitRequests } from "../src/express/index.ts";
import { concurrency, fixedWindow } from "../src/rate-limit/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { Browser } from "./support/browser.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

/** A server on a free port, closed when the test ends. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

describe("the example app", () => {
  test("signs in, keeps the cookie in step, changes the token with the privilege, signs out", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const origin = await serve(createApp(env.core));
    const browser = new Browser(fetch, () => clock.nowMs());
    const name = "__Host-sid";
    expect((await browser.visit(`${origin}/me`)).status).toBe(401);

    expect(await (await browser.visit(`${origin}/sign-in`, json({ name: "ada" }))).json()).toEqual({ userId: "ada" });
    const first = browser.cookies.get(name);
    expect(first?.attributes.toSorted((a, b) => a.localeCompare(b))).toEqual(
      ["HttpOnly", `Max-Age=${7 * 86_400}`, "Path=/", "SameSite=Lax", "Secure"],
    );
    // A visit a few hours apart for a month: cookie and record end at the same moment, at each step.
    let token = first?.value;
    let rotations = 0;
    for (let step = 1; step <= 130; step += 1) {
      clock.advance(5 * 3_600_000 + step * 1_000);
      const response = await browser.visit(`${origin}/me`);
      const kept = browser.cookies.get(name);
      rotations += kept?.value === token ? 0 : 1;
      token = kept?.value;
      expect(response.status).toBe(200);
      const { expiresAtMs } = (await response.json()) as { expiresAtMs: number };
      expect(Math.abs((kept?.endsAtMs ?? 0) - expiresAtMs), `at step ${step}`).toBeLessThan(1_000);
    }
    expect(rotations).toBe(26);

    const admin = await browser.visit(`${origin}/become-admin`, { method: "POST" });
    expect(await admin.json()).toMatchObject({ data: { role: "admin" } });
    expect(browser.cookies.get(name)?.value).not.toBe(token);
    expect((await browser.visit(`${origin}/sign-out`, { method: "POST" })).status).toBe(204);
    expect(browser.cookies.get(name)).toMatchObject({ value: "", endsAtMs: clock.nowMs() });
    expect((await browser.visit(`${origin}/me`)).status).toBe(401);
    expect(await env.core.sessions({ idle: "7d", absolute: "30d" }).list("ada")).toEqual([]);
  });

  test("a sign-in ends the session it comes from, and sets one cookie", async () => {
    await using env = await createTestCore(url);
    const origin = await serve(createApp(env.core));
    const browser = new Browser(fetch, Date.now);
    await browser.visit(`${origin}/sign-in`, json({ name: "mallory" }));
    const planted = browser.cookies.get("__Host-sid")?.value;
    const response = await browser.visit(`${origin}/sign-in`, json({ name: "ada" }));
    expect(response.headers.getSetCookie()).toHaveLength(1);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const headers = { cookie: `__Host-sid=${planted}` };
    expect((await fetch(`${origin}/me`, { headers })).status).toBe(401);
    expect((await browser.visit(`${origin}/me`)).status).toBe(200);
  });

  test("the sixth sign-in of an address is 429 with Retry-After, whatever it forges", async () => {
    await using env = await createTestCore(url);
    const origin = await serve(createApp(env.core, { hops: 1 }));
    const signIn = (forwarded: string) =>
      fetch(`${origin}/sign-in`, json({ name: "ada" }, { "x-forwarded-for": forwarded }));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const response = await signIn(`198.51.100.${attempt}, 203.0.113.9`);
      expect(response.status).toBe(200);
      expect(response.headers.get("x-ratelimit-remaining")).toBe(String(5 - attempt));
    }
    const refused = await signIn("198.51.100.6, ::ffff:203.0.113.9");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-policy")).toContain('"address";q=5;w=900');
    expect(await refused.json()).toMatchObject({ error: "TOO_MANY_REQUESTS", limitedBy: "address" });
    expect((await signIn("203.0.113.10")).status).toBe(200);
  });
});

describe("sessions in Express", () => {
  test("a request is one round trip with a token, none without; a dead cookie is left alone", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<null>({ idle: "1h", absolute: "1d" });
    const auth = expressSessions(sessions, { cookie: { isSecure: false, name: "app.sid" } });
    const origin = await serve(
      express()
        .use(auth.middleware)
        .get("/", (request, response) => {
          response.json({ userId: auth.of(request).session?.userId ?? null });
        }),
    );
    const { token } = await sessions.create({ userId: "ada", data: null });
    const run = vi.spyOn(env.redis.port, "run");
    const get = async (headers: Record<string, string>) => {
      const response = await fetch(origin, { headers });
      expect(response.headers.getSetCookie()).toEqual([]);
      return await response.json();
    };
    expect(await get({})).toEqual({ userId: null });
    expect(await get({ cookie: "app.sid=nonsense; other=1" })).toEqual({ userId: null });
    expect(await get({ authorization: `Bearer ${token}` })).toEqual({ userId: null });
    expect(run).not.toHaveBeenCalled();
    expect(await get({ cookie: `other=1; app.sid=${token}` })).toEqual({ userId: "ada" });
    expect(run).toHaveBeenCalledTimes(1);
    await sessions.revoke(token);
    expect(await get({ cookie: `app.sid=${token}` })).toEqual({ userId: null });
  });

  test("bearers, where taken, get no cookie and are never rotated behind their back", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<null>({ idle: "1d", absolute: "9d", rotateEvery: "1h" });
    const auth = expressSessions(sessions, { takesBearer: true });
    const origin = await serve(
      express().use(auth.middleware).get("/", auth.required, (_request, response) => {
        response.end();
      }),
    );
    const { token } = await sessions.create({ userId: "ada", data: null });
    clock.advance(2 * 3_600_000);
    const response = await fetch(origin, { headers: { authorization: `bearer ${token}` } });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await sessions.verify(token)).toMatchObject({ isRotationDue: true });
    expect((await fetch(origin, { headers: { authorization: "Bearer x" } })).status).toBe(401);
  });

  test("parallel requests with a token that is due: one rotates, all are served, one cookie is new", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const origin = await serve(createApp(env.core));
    const browser = new Browser(fetch, () => clock.nowMs());
    await browser.visit(`${origin}/sign-in`, json({ name: "ada" }));
    const before = browser.cookies.get("__Host-sid")?.value ?? "";
    clock.advance(25 * 3_600_000);
    const responses = await Promise.all(Array.from({ length: 8 }, () => browser.visit(`${origin}/me`)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    const values = responses.flatMap(({ headers }) => headers.getSetCookie()).map((line) => line.split(/[=;]/)[1]);
    expect(new Set(values.filter((value) => value !== before)).size).toBe(1);
  });

  test("without Redis a request with a session is 503, one without goes on", async () => {
    await using env = await createTestCore(url);
    const origin = await serve(createApp(env.core));
    const browser = new Browser(fetch, Date.now);
    await browser.visit(`${origin}/sign-in`, json({ name: "ada" }));
    const run = vi.spyOn(env.redis.port, "run").mockRejectedValue(new RedisUnavailable("cut off"));
    const response = await browser.visit(`${origin}/me`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await fetch(`${origin}/me`)).status).toBe(401);
    // The sign-in's limiter is `closed`: nobody counted, so nobody is over a limit.
    const closed = await fetch(`${origin}/sign-in`, json({ name: "bo" }));
    expect([closed.status, closed.headers.get("retry-after")]).toEqual([503, "1"]);
    run.mockRestore();
    expect((await browser.visit(`${origin}/me`)).status).toBe(200);
  });

  test("an upgrade is verified by its cookie or its bearer's token, without a response", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<null>({ idle: "1h", absolute: "1d" });
    const auth = expressSessions(sessions, { takesBearer: true });
    const { token } = await sessions.create({ userId: "ada", data: null });
    const verified = async (headers: Record<string, string>) =>
      (await auth.verify({ headers, socket: {} }))?.userId ?? null;
    expect(await verified({ cookie: `__Host-sid=${token}` })).toBe("ada");
    expect(await verified({ authorization: `Bearer ${token}`, cookie: "__Host-sid=another" })).toBe("ada");
    expect(await verified({ authorization: `Basic ${token}` })).toBeNull();
    expect(await verified({})).toBeNull();
  });

  test("plain node:http and a forgotten middleware", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<null>({ idle: "1h", absolute: "1d" });
    const auth = expressSessions(sessions);
    const origin = await serve((request, response) => {
      if (request.url === "/forgotten") {
        expect(() => auth.of(request)).toThrow("has not run");
        response.end();
        return;
      }
      void auth.middleware(request, response, () => {
        response.setHeader("Set-Cookie", "theme=dark");
        void auth
          .of(request)
          .signIn({ userId: "ada", data: null })
          .then(() => response.end());
      });
    });
    await fetch(`${origin}/forgotten`);
    const cookies = (await fetch(origin)).headers.getSetCookie();
    expect(cookies.map((line) => line.split("=")[0])).toEqual(["theme", "__Host-sid"]);
  });
});

describe("limits in Express", () => {
  const limited = async ({ core }: TestCore, onLimited?: boolean) => {
    const gate = deferred<void>();
    const limiter = core.limiter("slow", { inFlight: concurrency(1, { ttl: "1h" }), all: fixedWindow(100, "366d") });
    const app = express();
    app.use(
      limitRequests(limiter, {
        keys: () => ({ inFlight: "all", all: "all" }),
        cost: () => 1,
        ...(onLimited
          ? { onLimited: (_request, response, { retryAfterMs }) => void response.end(`wait ${retryAfterMs > 0}`) }
          : {}),
      }),
    );
    app.get("/", async (_request, response) => {
      await gate.promise;
      response.end("done");
    });
    app.use(answerOutage);
    return { origin: await serve(app), limiter, release: () => gate.resolve() };
  };

  test("a lease is held for as long as the response takes, and no longer when the client leaves", async () => {
    await using env = await createTestCore(url);
    const { origin, limiter, release } = await limited(env);
    const keys = { inFlight: "all", all: "all" };
    const remaining = async () => (await limiter.peek(keys, { cost: 0 })).rules.inFlight?.remaining;
    const leaving = new AbortController();
    const first = fetch(origin, { signal: leaving.signal });
    await eventually(async () => expect(await remaining()).toBe(0));
    expect((await fetch(origin)).status).toBe(429);
    leaving.abort();
    await expect(first).rejects.toThrow("aborted");
    await eventually(async () => expect(await remaining()).toBe(1));
    const second = fetch(origin);
    await eventually(async () => expect(await remaining()).toBe(0));
    release();
    expect(await (await second).text()).toBe("done");
    await eventually(async () => expect(await remaining()).toBe(1));
  });

  test("an answer of one's own has the headers all the same", async () => {
    await using env = await createTestCore(url);
    const { origin, release } = await limited(env, true);
    const first = fetch(origin);
    await eventually(async () => {
      const refused = await fetch(origin);
      expect(await refused.text()).toBe("wait true");
      expect(refused.headers.get("retry-after")).not.toBeNull();
    });
    release();
    await first;
  });

  test("keys that throw reach the error middleware", async () => {
    await using env = await createTestCore(url);
    const limiter = env.core.limiter("api", { address: fixedWindow(1, "1h") });
    const app = express();
    app.use(limitRequests(limiter, { keys: (request) => ({ address: addressOf(request, { hops: -1 }) }) }));
    app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).end(error.message);
    });
    expect(await (await fetch(await serve(app))).text()).toContain("hops");
  });
});
