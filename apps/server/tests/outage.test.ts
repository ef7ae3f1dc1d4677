import { randomUUID } from "node:crypto";
import { freePort, startRedis } from "@cardinal/dev";
import { describe, expect, it } from "vitest";
import { createTestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { roomIdOf } from "./support/room-id-of.ts";

describe("a server that starts before Redis", () => {
  it("listens, says what it waits for, and is ready once Redis is there", async () => {
    const port = await freePort();
    await using test = await createTestServer({ redisUrl: `redis://127.0.0.1:${port}`, awaitBoards: false });
    const client = test.newClient();
    const waiting = await client.fetch("/health/ready");
    expect(waiting).toMatchObject({
      status: 503,
      body: {
        status: "unready",
        checks: { redis: { ok: false, reason: expect.any(String) }, database: { ok: true } },
      },
    });
    expect((await client.fetch("/health/live")).status).toBe(200);
    expect((await client.query("health.get")).data).toMatchObject({
      status: "degraded",
      redis: false,
      database: true,
    });

    await using _redis = await startRedis({ port });
    await eventually(async () => expect((await client.fetch("/health/ready")).status).toBe(200));
    await test.server.boardsReady;
    expect(Object((await client.query("leaderboard.top", { board: "quiz", period: "all" })).data).total).toBe(
      24,
    );
  });
});

describe("Redis that goes away while the server runs", () => {
  it("takes nothing along that the database can answer", async () => {
    const port = await freePort();
    const redis = await startRedis({ port });
    await using test = await createTestServer({ redisUrl: redis.url });
    const client = await test.signedInClient("bo");
    const roomId = await roomIdOf(client, "general");
    const slug = Object((await client.query("post.list", { limit: 1 })).data).posts[0].slug;
    const { score } = Object(
      (await client.query("leaderboard.me", { board: "community", period: "all" })).data,
    );

    await redis.stop();

    expect((await client.query("auth.me")).data).toMatchObject({ user: { username: "bo" } });
    expect((await client.query("room.list")).status).toBe(200);
    expect((await client.query("chat.history", { roomId })).status).toBe(200);
    expect((await client.query("post.bySlug", { slug })).status).toBe(200);
    expect((await client.query("user.find", { username: "ada" })).data).toMatchObject({ username: "ada" });
    const board = await client.query("leaderboard.top", { board: "community", period: "all" });
    expect(board.data).toMatchObject({ total: 24, version: 0 });

    const view = await client.mutate(
      "analytics.track",
      { path: "/", viewId: randomUUID() },
      { headers: { "user-agent": "Mozilla/5.0 Firefox/130.0" } },
    );
    expect(view.data).toEqual({ outcome: "lost" });

    const clientMessageId = randomUUID();
    const sent = await client.mutate("chat.send", { roomId, body: "said without Redis", clientMessageId });
    expect(sent.data).toMatchObject({ message: { body: "said without Redis" } });
    const points = { board: "community", points: 10, operationId: randomUUID() };
    expect((await client.mutate("leaderboard.submit", points)).data).toMatchObject({ score: score + 10 });
    expect((await test.newClient().signIn("cy")).status).toBe(200);
    expect((await client.mutate("user.update", { bio: "changed without Redis" })).status).toBe(200);
    expect((await client.query("user.find", { username: "bo" })).data).toMatchObject({
      bio: "changed without Redis",
    });

    const revoked = await test.signedInClient("di");
    const token = revoked.cookies.get("cardinal_sid")!;
    expect((await revoked.mutate("auth.signOut")).status).toBe(200);
    revoked.setCookie("cardinal_sid", token);
    expect((await revoked.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");

    await using _back = await startRedis({ port });
    await eventually(async () => expect((await client.fetch("/health/ready")).status).toBe(200));
    expect((await client.query("room.list")).status).toBe(200);
    revoked.setCookie("cardinal_sid", token);
    expect((await revoked.query("room.list")).error?.reason).toBe("SESSION_EXPIRED");
    const { messages } = Object((await client.query("chat.history", { roomId, limit: 1 })).data);
    expect(messages[0].body).toBe("said without Redis");
  });

  it("still counts sign-in guesses, in this process", async () => {
    const redis = await startRedis();
    await using test = await createTestServer({ redisUrl: redis.url });
    await redis.stop();
    const statuses = [];
    for (let n = 0; n < 7; n += 1) {
      const answer = await test.newClient().mutate("auth.signIn", { login: "bo", password: "a wrong guess" });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });
});
