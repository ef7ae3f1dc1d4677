import { manualClock } from "@cardinal/redis-core";
import { outboxQueries, userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";

let test: TestServer;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
});
afterAll(() => test[Symbol.asyncDispose]());

const account = {
  username: "margaret",
  displayName: "Margaret Hill",
  email: "margaret@example.test",
  password: "seven green lanterns",
};

describe("sign-up", () => {
  it("makes the account, signs it in and enqueues the welcome mail in the same transaction", async () => {
    const client = test.newClient();
    const answer = await client.mutate("auth.signUp", account);
    expect(answer.data).toMatchObject({
      user: { username: "margaret", email: "margaret@example.test", role: "member" },
    });
    expect(answer.data).not.toHaveProperty("token");
    expect((await client.query("auth.me")).data).toMatchObject({ user: { username: "margaret" } });

    const user = await test.server.context.db.read((tx) => userQueries.findByUsername(tx, "margaret"));
    const jobs = await test.server.context.db.read((tx) =>
      outboxQueries.list(tx, { ownerId: user!.id, limit: 10 }),
    );
    expect(jobs).toMatchObject([{ jobName: "send-welcome-email", payload: { userId: user!.id } }]);
    expect(user!.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it.each([
    ["a taken e-mail, in other letters", { email: "ADA@cardinal.test" }, 409, "EMAIL_TAKEN"],
    ["a taken username", { username: "Ada" }, 409, "USERNAME_TAKEN"],
    ["fourteen characters", { password: "fourteen chars" }, 400, "PASSWORD_TOO_SHORT"],
    ["a password of 257 characters", { password: "x1".repeat(129) }, 400, "PASSWORD_TOO_LONG"],
    ["a common password", { password: "passwordpassword" }, 400, "PASSWORD_TOO_COMMON"],
    ["no e-mail address", { email: "nowhere" }, 400, "INVALID_INPUT"],
    ["a field nobody asked for", { role: "admin" }, 400, "INVALID_INPUT"],
  ])("refuses %s", async (_what, change, status, reason) => {
    const fresh = { ...account, username: "nobody-yet", email: "nobody@example.test" };
    const answer = await test.newClient().mutate("auth.signUp", { ...fresh, ...change });
    expect(answer).toMatchObject({ status, error: { reason } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("counts characters as people do", async () => {
    const fresh = { ...account, username: "emoji", email: "emoji@example.test" };
    const fourteen = "🙂😀😃😄😁😆😅🤣😂🙃😉😊😇🥰";
    expect(
      (await test.newClient().mutate("auth.signUp", { ...fresh, password: fourteen })).error?.reason,
    ).toBe("PASSWORD_TOO_SHORT");
    expect(
      (await test.newClient().mutate("auth.signUp", { ...fresh, password: `${fourteen}🤩` })).status,
    ).toBe(200);
  });
});

describe("sign-in", () => {
  it("accepts e-mail and username in any case, and sets a cookie a script cannot read", async () => {
    for (const login of ["ada", "ADA", "Ada@Cardinal.test"]) {
      const answer = await test.newClient().signIn(login);
      expect(answer.data).toMatchObject({ user: { username: "ada", role: "admin" } });
      const [cookie = ""] = answer.headers.getSetCookie();
      const attributes = cookie.split("; ").slice(1).toSorted();
      expect(cookie).toMatch(/^cardinal_sid=[\w-]+\.[\w-]{43};/);
      expect(attributes).toEqual([
        "HttpOnly",
        expect.stringMatching(/^Max-Age=\d+$/),
        "Path=/",
        "SameSite=Lax",
      ]);
      const maxAge = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
      expect(maxAge).toBeGreaterThan(7 * 86_400 - 60);
      expect(maxAge).toBeLessThanOrEqual(7 * 86_400);
    }
  });

  it("says the same for a wrong password and for nobody's login", async () => {
    const wrong = await test.newClient().mutate("auth.signIn", { login: "bo", password: "not the password" });
    const nobody = await test
      .newClient()
      .mutate("auth.signIn", { login: "no-such-one", password: "not the password" });
    expect(wrong).toMatchObject({ status: 401, error: { reason: "WRONG_CREDENTIALS" } });
    expect(nobody.error?.["message"]).toBe(wrong.error?.["message"]);
    expect(nobody.status).toBe(401);
  });

  it("gives a program a token and no cookie, and takes it as a bearer", async () => {
    const program = test.newClient();
    const signedIn = await program.mutate(
      "auth.signIn",
      { login: "cy", password: "cardinal-demo-1", issueToken: true },
      { headers: { origin: "" } },
    );
    expect(signedIn.headers.getSetCookie()).toEqual([]);
    const token = String(Object(signedIn.data).token);
    const me = await program.query("auth.me", undefined, { headers: { authorization: `Bearer ${token}` } });
    expect(me.data).toMatchObject({ user: { username: "cy" } });
  });

  it("ends the session it was signed in with before", async () => {
    const client = await test.signedInClient("di");
    const before = client.cookies.get("cardinal_sid")!;
    await client.signIn("di");
    const stolen = test.newClient();
    stolen.setCookie("cardinal_sid", before);
    expect((await stolen.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");
    expect((await client.query("room.list")).status).toBe(200);
  });

  it("never takes over a session id the visitor chose", async () => {
    const client = test.newClient();
    client.setCookie("cardinal_sid", `${Buffer.from("someone").toString("base64url")}.${"A".repeat(43)}`);
    await client.signIn("bo");
    expect(client.cookies.get("cardinal_sid")).not.toContain("AAAA");
  });
});

describe("a session", () => {
  it("is nobody's after sign-out", async () => {
    const client = await test.signedInClient("bo");
    const token = client.cookies.get("cardinal_sid")!;
    const out = await client.mutate("auth.signOut");
    expect(out.data).toEqual({ ok: true });
    expect(client.cookies.has("cardinal_sid")).toBe(false);
    client.setCookie("cardinal_sid", token);
    expect((await client.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");
    expect((await client.query("auth.me")).data).toBeNull();
  });

  it("is asked for where members only may go, and not where anyone may", async () => {
    const visitor = test.newClient();
    expect(await visitor.query("room.list")).toMatchObject({
      status: 401,
      error: { reason: "NOT_SIGNED_IN" },
    });
    expect((await visitor.query("auth.me")).data).toBeNull();
    expect((await visitor.query("post.list")).status).toBe(200);
  });

  it.each(["garbage", "a.b", `${"A".repeat(22)}.${"B".repeat(43)}`, "%00", "x".repeat(600)])(
    "is not made of the cookie %s, which is cleared",
    async (value) => {
      const client = test.newClient();
      client.setCookie("cardinal_sid", value);
      const answer = await client.query("room.list");
      expect(answer.error?.reason).toBe("SESSION_EXPIRED");
      expect(answer.headers.getSetCookie().join()).toContain("Max-Age=0");
    },
  );

  it("is nowhere in Redis or the database as it stands in the cookie", async () => {
    const client = await test.signedInClient("cy");
    const secret = client.cookies.get("cardinal_sid")!.split(".")[1]!;
    const rows = await test.server.context.db.read((tx) =>
      tx.statement<Record<string, unknown>>("SELECT * FROM session").all(),
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});

describe("a session that is used", () => {
  const minute = 60_000;
  const day = 86_400_000;

  it("moves its expiry, and the cookie with it, up to thirty days", async () => {
    const clock = manualClock(Date.now());
    await using aged = await createTestServer({ redisUrl: inject("redisUrl"), overrides: { clock } });
    const client = await aged.signedInClient("bo");
    const sentAgain = async () => (await client.query("room.list")).headers.getSetCookie()[0];
    await sentAgain();
    expect(await sentAgain()).toBeUndefined();
    clock.advance(2 * minute);
    expect(await sentAgain()).toMatch(/^cardinal_sid=.*Max-Age=604800;/);
    expect(await sentAgain()).toBeUndefined();

    for (let days = 0; days < 18; days += 6) {
      clock.advance(6 * day);
      expect(await sentAgain()).toContain("Max-Age=604800;");
    }
    // After 24 days and 2 minutes there are just under 6 days left, however much the session is used.
    clock.advance(6 * day);
    expect(await sentAgain()).toContain(`Max-Age=${(6 * day - 2 * minute) / 1_000};`);
    clock.advance(6 * day);
    expect((await client.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");
  });

  it("ends after a week of silence", async () => {
    const clock = manualClock(Date.now());
    await using aged = await createTestServer({ redisUrl: inject("redisUrl"), overrides: { clock } });
    const client = await aged.signedInClient("bo");
    clock.advance(7 * day + 1);
    const answer = await client.query("room.list");
    expect(answer).toMatchObject({ status: 401, error: { reason: "SESSION_EXPIRED" } });
    expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=0");
  });
});

describe("demo logins", () => {
  it("are shown in development and not otherwise", async () => {
    const shown = await test.newClient().query("auth.demoLogins");
    expect(shown.data).toMatchObject({ logins: [{ username: "ada", role: "admin" }, {}, {}, {}] });
    await using other = await createTestServer({
      redisUrl: inject("redisUrl"),
      besides: test,
      env: { DEMO_LOGIN: "false" },
    });
    expect((await other.newClient().query("auth.demoLogins")).data).toEqual({ logins: [] });
  });
});

describe("a server whose public address is https", () => {
  it("sets a cookie that only it, only over https, ever gets back", async () => {
    await using secure = await createTestServer({
      redisUrl: inject("redisUrl"),
      besides: test,
      env: { PUBLIC_URL: "https://cardinal.test" },
    });
    const answer = await secure.newClient().signIn("ada");
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-cardinal_sid=.*; Path=\/.*; Secure/);
    expect(answer.headers.get("strict-transport-security")).toContain("max-age=63072000");
  });
});
