import { randomUUID } from "node:crypto";
import { freePort, startRedis } from "@cardinal/dev";
import { messageQueries, openDatabase, roomQueries, userQueries } from "@cardinal/db";
import { sendMessage } from "@cardinal/api/use-cases";
import { describe, expect, inject, it } from "vitest";
import { createTestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import { startServerProcess } from "./support/server-process.ts";
import { TestClient } from "./support/test-client.ts";

const between = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + 1 + index);

describe("a server that is killed and started again", () => {
  it("gives every event once and in order to clients of both transports that come back", { timeout: 120_000 }, async () => {
    const redisUrl = inject("redisUrl");
    await using seeded = await createTestServer({ redisUrl });
    const { databasePath, prefix } = seeded;
    const port = await freePort();
    const env = { DATABASE_PATH: databasePath, REDIS_URL: redisUrl, KEY_PREFIX: prefix };
    const url = `http://127.0.0.1:${port}`;
    await using db = openDatabase({ path: databasePath });
    const first = await startServerProcess(port, env);
    const visitor = new TestClient(url, `http://localhost:${port}`);
    const token = await tokenOf(visitor, "bo");
    await visitor.signIn("bo");
    const roomId = await roomIdOf(visitor, "general");
    const { headSeq } = await db.read((tx) => roomQueries.findHead(tx, roomId)!);
    const say = () =>
      visitor.mutate("chat.send", { roomId, body: "live", clientMessageId: randomUUID() });
    const append = () =>
      db.write((tx) => {
        const authorId = userQueries.findByUsername(tx, "ada")?.id ?? "";
        messageQueries.appendMessage(tx, { roomId, authorId, body: "while it was away", nowMs: Date.now() });
      });
    await using socket = openLiveClient(url, token, "websocket");
    await using sse = openLiveClient(url, token, "sse");
    const rooms = [await followRoom(socket, { roomId }), await followRoom(sse, { roomId })];
    for (let n = 0; n < 5; n += 1) {
      await say();
    }
    // The last one is committed, and the process dies with it: whether it rang, nobody knows.
    await append();
    await first.kill();
    // Nobody listens now; the clients try again and again.
    for (let n = 0; n < 5; n += 1) {
      await append();
    }
    const second = await startServerProcess(port, env);
    try {
      for (let n = 0; n < 3; n += 1) {
        await say();
      }
      const { headSeq: lastSeq } = await db.read((tx) => roomQueries.findHead(tx, roomId)!);
      expect(lastSeq - headSeq).toBe(14);
      for (const room of rooms) {
        await eventually(async () => expect(room.seqs()).toEqual(between(headSeq, lastSeq)), 15_000);
        expect(room.reasons).toEqual([]);
        room.stop();
      }
    } finally {
      expect(await second.stop()).toBe(0);
    }
  });
});

describe("a Redis that cuts its subscribers off, or is away", () => {
  it("loses nothing and repeats nothing", async () => {
    const redis = await startRedis();
    try {
      await using test = await createTestServer({ redisUrl: redis.url });
      const { context } = test.server;
      const visitor = await test.signedInClient("ada");
      const roomId = await roomIdOf(visitor, "general");
      await using client = openLiveClient(test.url, await tokenOf(test.newClient(), "bo"), "websocket");
      const room = await followRoom(client, { roomId });
      const { headSeq } = await context.db.read((tx) => roomQueries.findHead(tx, roomId)!);
      const send = async (body: string) => {
        const sent = await visitor.mutate("chat.send", { roomId, body, clientMessageId: randomUUID() });
        expect(sent.status).toBe(200);
      };
      for (let n = 0; n < 12; n += 1) {
        if (n % 4 === 1) {
          await context.redis.port.command("CLIENT KILL", [], ["TYPE", "pubsub"]);
        }
        await send(`message ${n}`);
      }
      await eventually(async () => expect(room.seqs()).toEqual(between(headSeq, headSeq + 12)));
      await redis.stop();
      // Neither sending nor receiving needs Redis: the log is the truth, and it is looked at.
      await send("without Redis");
      await eventually(async () => expect(room.seqs()).toEqual(between(headSeq, headSeq + 13)), 7_000);
      expect(room.frames.every(({ kind }) => kind !== "reset")).toBe(true);
      room.stop();
    } finally {
      await redis.stop();
    }
  });
});

describe("a deploy", () => {
  it.each(["websocket", "sse"] as const)("moves %s clients to the other process without a gap", async (transport) => {
    const redisUrl = inject("redisUrl");
    const port = await freePort();
    const listen = { host: "127.0.0.1", port, isShared: true };
    const old = await createTestServer({ redisUrl, listen });
    try {
      const visitor = await old.signedInClient("ada");
      const roomId = await roomIdOf(visitor, "general");
      await using client = openLiveClient(old.url, await tokenOf(old.newClient(), "bo"), transport);
      const room = await followRoom(client, { roomId });
      await using next = await createTestServer({ redisUrl, listen, besides: old });
      const { db } = next.server.context;
      const { headSeq } = await db.read((tx) => roomQueries.findHead(tx, roomId)!);
      const stopping = old.server.stop(5_000);
      const author = await db.read((tx) => userQueries.findByUsername(tx, "ada")!);
      for (let n = 0; n < 20; n += 1) {
        await sendMessage(next.server.context.deps, {
          authorId: author.id,
          roomId,
          body: `during the deploy ${n}`,
          clientMessageId: randomUUID(),
        });
      }
      await stopping;
      await eventually(async () => expect(room.seqs()).toEqual(between(headSeq, headSeq + 20)), 10_000);
      expect(room.reasons).toEqual([]);
      expect(room.isCompleted()).toBe(false);
      // All may have come from the old process before it ended; the client is then still on its way.
      await eventually(async () => expect(next.server.context.deps.live.counts().streams).toBe(1), 10_000);
      room.stop();
    } finally {
      await old[Symbol.asyncDispose]();
    }
  });
});
