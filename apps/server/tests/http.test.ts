import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { toConfig } from "../src/config.ts";
import { readEnv } from "../src/env.ts";
import { PortTaken, startServer } from "../src/start-server.ts";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";

let test: TestServer;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
});
afterAll(() => test[Symbol.asyncDispose]());

describe("every answer", () => {
  it.each(["/health/live", "/api/trpc/auth.me", "/api/trpc/no.such", "/nothing/here.js", "/dev/mail"])(
    "carries the security headers: %s",
    async (path) => {
      const { headers } = await test.newClient().fetch(path);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it("of the API is kept by nobody", async () => {
    expect((await test.newClient().query("auth.me")).headers.get("cache-control")).toBe("no-store");
  });
});

describe("errors", () => {
  it("name the call, the reason and the fields, and nothing of the inside", async () => {
    const answer = await test.newClient().mutate("auth.signIn", { login: "", extra: 1 });
    expect(answer).toMatchObject({
      status: 400,
      error: {
        code: "BAD_REQUEST",
        httpStatus: 400,
        path: "auth.signIn",
        reason: "INVALID_INPUT",
        requestId: answer.headers.get("x-request-id"),
        rateLimit: null,
        stack: null,
      },
    });
    expect(Object(answer.error).issues).toContainEqual({ path: "login", message: expect.any(String) });
    expect(String(answer.error?.["message"])).not.toContain("{");
  });

  it.each([
    ["an unknown procedure", "/api/trpc/no.such", {}, 404, "PROCEDURE_NOT_FOUND"],
    ["broken JSON", "/api/trpc/auth.signOut", { method: "POST", body: "{" }, 400, "INVALID_INPUT"],
    ["an unknown path", "/api/other", {}, 404, "NOT_FOUND"],
    [
      "more than ten calls at once",
      `/api/trpc/${Array(11).fill("auth.me").join(",")}?batch=1`,
      {},
      400,
      "INVALID_INPUT",
    ],
  ])("have the same form for %s", async (_what, path, init, status, reason) => {
    const headers = { "content-type": "application/json", origin: "http://localhost:5173" };
    const answer = await test.newClient().fetch(path, { headers, ...init });
    const error = answer.error ?? Object(answer.body)[0]?.error?.data;
    expect(answer.status).toBe(status);
    expect(error.reason).toBe(reason);
  });
});

describe("/metrics", () => {
  it("counts procedures for readers on this machine, without ids in labels", async () => {
    await test.newClient().query("auth.me");
    const { status, body } = await test.newClient().fetch("/metrics");
    expect(status).toBe(200);
    expect(body).toContain('trpc_request_duration_seconds_count{procedure="auth.me",type="query",code="OK"}');
    expect(body).toContain("ratelimit_decisions_total{");
    expect(body).toContain("nodejs_heap_size_total_bytes");
  });

  it("are not there for who came through a proxy, nor for who has not the token", async () => {
    const proxied = await test.newClient().fetch("/metrics", { headers: { "x-forwarded-for": "127.0.0.1" } });
    expect(proxied.status).toBe(404);
    await using guarded = await createTestServer({
      redisUrl: inject("redisUrl"),
      besides: test,
      env: { METRICS_TOKEN: "sixteen characters" },
    });
    const client = guarded.newClient();
    expect((await client.fetch("/metrics")).status).toBe(404);
    expect((await client.fetch("/metrics", { headers: { authorization: "Bearer wrong" } })).status).toBe(404);
    const headers = { authorization: "Bearer sixteen characters" };
    expect((await client.fetch("/metrics", { headers })).status).toBe(200);
  });
});

describe("the mail outbox", () => {
  it("shows in development what would have been sent", async () => {
    const list = await test.newClient().fetch("/dev/mail");
    expect(list.status).toBe(200);
    expect(list.headers.get("content-type")).toContain("text/html");
    expect((await test.newClient().fetch("/dev/mail/none")).status).toBe(404);
  });
});

describe("two servers of one installation", () => {
  it("know each other's sessions and invalidations", async () => {
    await using other = await createTestServer({ redisUrl: inject("redisUrl"), besides: test });
    const client = await test.signedInClient("bo");
    const there = other.newClient();
    there.setCookie("cardinal_sid", client.cookies.get("cardinal_sid")!);
    expect((await there.query("auth.me")).data).toMatchObject({ user: { username: "bo" } });
    await there.query("user.find", { username: "bo" });
    await client.mutate("user.update", { bio: "seen by both" });
    expect((await there.query("user.find", { username: "bo" })).data).toMatchObject({ bio: "seen by both" });
    await client.mutate("auth.signOut");
    expect((await there.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");
  });
});

describe("starting and stopping", () => {
  it("says which port is taken and what to do", async () => {
    const env = readEnv({
      DATABASE_PATH: test.databasePath,
      REDIS_URL: inject("redisUrl"),
      SERVER_PORT: String(test.server.port),
      LOG_LEVEL: "silent",
    });
    const starting = startServer(toConfig(env, "0"));
    await expect(starting).rejects.toThrow(PortTaken);
    await expect(starting).rejects.toThrow(/SERVER_PORT/);
  });

  it("lets the request under way finish, and takes no more", async () => {
    const stopping = await createTestServer({ redisUrl: inject("redisUrl"), besides: test });
    const { server } = stopping;
    const idle = connect(server.port, "127.0.0.1");
    const idleClosed = once(idle, "close");
    const arrived = once(server.http, "request");
    const body = JSON.stringify({ login: "cy", password: "cardinal-demo-1", issueToken: true });
    const headers = { "content-type": "application/json", "content-length": body.length };
    const slow = request(`${server.url}/api/trpc/auth.signIn`, { method: "POST", headers });
    const answered = once(slow, "response");
    slow.write(body.slice(0, 10));
    await arrived;

    const stopped = server.stop(5_000);
    await expect(stopping.newClient().fetch("/health/live")).rejects.toThrow();
    slow.end(body.slice(10));
    const [response] = await answered;
    expect(response).toMatchObject({ statusCode: 200 });
    response.resume();
    await Promise.all([stopped, idleClosed]);
    await stopping[Symbol.asyncDispose]();
  });
});

describe("the built web app", () => {
  it("answers every page, keeps hashed files for a year, and no API path", async () => {
    const webRoot = await mkdtemp(join(tmpdir(), "cardinal-web-"));
    onTestFinished(() => rm(webRoot, { recursive: true, force: true }));
    await mkdir(join(webRoot, "assets"));
    await writeFile(join(webRoot, "index.html"), "<!doctype html><title>Cardinal</title>");
    await writeFile(join(webRoot, "assets/app-1a2b3c.js"), "export {};");
    await using withWeb = await createTestServer({ redisUrl: inject("redisUrl"), besides: test, webRoot });
    const get = (path: string) => withWeb.newClient().fetch(path, { headers: { accept: "text/html,*/*" } });
    for (const path of ["/", "/chat/general", "/blog/some-post"]) {
      const { status, body, headers } = await get(path);
      expect({ status, body, keep: headers.get("cache-control") }).toEqual({
        status: 200,
        body: "<!doctype html><title>Cardinal</title>",
        keep: "no-cache",
      });
    }
    const asset = await get("/assets/app-1a2b3c.js");
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    for (const path of ["/assets/app-old.js", "/assets/", "/api/nothing", "/../package.json", "/.env"]) {
      expect((await get(path)).status).toBe(404);
    }
  });
});
