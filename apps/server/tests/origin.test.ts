import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import type { TestClient } from "./support/test-client.ts";

const ours = "http://localhost:5173";
let test: TestServer;
let client: TestClient;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  client = await test.signedInClient("bo");
});
afterAll(() => test[Symbol.asyncDispose]());

/** A mutation that changes nothing of note, with exactly these headers besides the cookie. */
function updateWith(headers: Record<string, string>) {
  return client.fetch("/api/trpc/user.update", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ bio: "unchanged" }),
  });
}

describe("a mutation with cookies", () => {
  it.each([
    ["our origin", { origin: ours }],
    ["our other name", { origin: "http://127.0.0.1:5173" }],
    ["a browser's word that it is our page", { "sec-fetch-site": "same-origin" }],
    ["both", { origin: ours, "sec-fetch-site": "same-origin" }],
    ["our origin seen from another port", { origin: ours, "sec-fetch-site": "same-site" }],
  ])("passes with %s", async (_what, headers) => {
    expect((await updateWith(headers)).status).toBe(200);
  });

  it.each([
    ["nothing", {}],
    ["a foreign origin", { origin: "https://evil.example" }],
    ["a null origin", { origin: "null" }],
    ["a sibling's origin", { origin: "http://evil.localhost:5173" }],
    ["our origin as a prefix", { origin: `${ours}.evil.example` }],
    ["our origin with a path", { origin: `${ours}/` }],
    ["our host over https", { origin: "https://localhost:5173" }],
    ["our host on another port", { origin: "http://localhost:1" }],
    ["our origin in capitals", { origin: ours.toUpperCase() }],
    ["two origins", { origin: `${ours}, https://evil.example` }],
    ["another site's page", { "sec-fetch-site": "cross-site" }],
    ["a sibling's page", { "sec-fetch-site": "same-site" }],
    ["a typed address", { "sec-fetch-site": "none" }],
    ["our address as referrer", { referer: `${ours}/` }],
    ["a forwarded host", { "x-forwarded-host": "localhost:5173", origin: "https://evil.example" }],
  ])("is refused with %s", async (_what, headers) => {
    expect(await updateWith(headers)).toMatchObject({ status: 403, error: { reason: "ORIGIN_REFUSED" } });
  });

  it.each([
    ["text/plain", "text/plain"],
    ["a form", "application/x-www-form-urlencoded"],
    ["a multipart form", "multipart/form-data; boundary=x"],
  ])("is refused as %s", async (_what, type) => {
    const answer = await client.fetch("/api/trpc/auth.signOut", {
      method: "POST",
      headers: { "content-type": type, origin: ours },
      body: "{}",
    });
    expect(answer.status).toBe(415);
    expect((await client.query("auth.me")).data).not.toBeNull();
  });

  it.each(["GET", "PUT", "PATCH", "DELETE"])("is not done by %s", async (method) => {
    const answer = await client.fetch(`/api/trpc/auth.signOut`, { method, headers: { origin: ours } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const batch = await client.fetch(
      `/api/trpc/auth.signOut?batch=1&input=${encodeURIComponent('{"0":{}}')}`,
      {
        headers: { "x-http-method-override": "POST" },
      },
    );
    expect(batch.status).toBe(405);
    expect((await client.query("auth.me")).data).not.toBeNull();
  });
});

describe("a sign-in by cookie", () => {
  it("is refused to a foreign page even without cookies", async () => {
    const visitor = test.newClient();
    const answer = await visitor.mutate(
      "auth.signIn",
      { login: "ada", password: "cardinal-demo-1" },
      { headers: { origin: "https://evil.example" } },
    );
    expect(answer).toMatchObject({ status: 403, error: { reason: "ORIGIN_REFUSED" } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe("a program with a bearer token", () => {
  it("needs no origin", async () => {
    const signedIn = await test.newClient().fetch("/api/trpc/auth.signIn", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ login: "cy", password: "cardinal-demo-1", issueToken: true }),
    });
    const token = String(Object(signedIn.data).token);
    const answer = await test.newClient().fetch("/api/trpc/user.update", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ bio: "from a program" }),
    });
    expect(answer.data).toMatchObject({ username: "cy" });
  });
});

describe("a foreign page", () => {
  it("may read nothing: there is no CORS", async () => {
    const answer = await client.query("auth.me", undefined, { headers: { origin: "https://evil.example" } });
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});
