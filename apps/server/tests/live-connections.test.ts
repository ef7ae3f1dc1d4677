import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { messageQueries, roomQueries, userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let bo: TestClient;
let roomId: string;
let token: string;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  bo = await test.signedInClient("bo");
  token = await tokenOf(test.newClient(), "bo");
  roomId = await roomIdOf(bo, "general");
});
afterAll(() => test[Symbol.asyncDispose]());

const ownOrigin = () => test.server.context.config.api.allowedOrigins[0] ?? "";
const cookie = () => [...bo.cookies].map(([name, value]) => `${name}=${value}`).join("; ");

function openSocket(headers: Record<string, string>, search = ""): WebSocket {
  return new WebSocket(`${test.url.replace("http", "ws")}/api/trpc${search}`, { headers });
}

/** The status an upgrade was refused with. */
async function refusal(socket: WebSocket): Promise<number> {
  const [, response] = await once(socket, "unexpected-response");
  return Number(Object(response).statusCode);
}

/** Sends a call and answers its first reply. */
async function ask(socket: WebSocket, method: string, path: string, input: unknown): Promise<unknown> {
  if (socket.readyState !== socket.OPEN) {
    await once(socket, "open");
  }
  socket.send(JSON.stringify({ id: 1, method, params: { path, input } }));
  const [text] = await once(socket, "message");
  return JSON.parse(String(text));
}

describe("upgrades", () => {
  it("are refused from a foreign origin, also with a valid cookie", async () => {
    expect(await refusal(openSocket({ origin: "https://evil.example", cookie: cookie() }))).toBe(403);
    expect(await refusal(openSocket({ origin: "null", cookie: cookie() }))).toBe(403);
    expect(await refusal(new WebSocket(`${test.url.replace("http", "ws")}/elsewhere`))).toBe(404);
    expect(await refusal(openSocket({ host: "[", authorization: `Bearer ${token}` }))).toBe(400);
  });

  it("from our own origin use the page's cookie", async () => {
    const socket = openSocket({ origin: ownOrigin(), cookie: cookie() });
    const answer = await ask(socket, "query", "auth.me", undefined);
    expect(Object(answer).result.data.user).toMatchObject({ username: "bo" });
    socket.close();
  });

  it("without an origin need a token: a cookie is not one, and silence ends after 5 s", async () => {
    const withCookie = openSocket({ cookie: cookie() });
    const [text] = await once(withCookie, "message");
    expect(Object(JSON.parse(String(text))).error.data.code).toBe("UNAUTHORIZED");
    await once(withCookie, "close");
    const bearer = openSocket({ authorization: `Bearer ${token}` });
    expect(Object(await ask(bearer, "query", "auth.me", undefined)).result.data.user.username).toBe("bo");
    bearer.close();
    const page = openSocket({ origin: ownOrigin(), cookie: cookie() });
    await once(page, "open");
    const silent = openSocket({}, "?connectionParams=1");
    const [code] = await once(silent, "close");
    expect(code).toBe(1008);
    // A page's socket has nothing to send before its first call, and stays.
    expect(Object(await ask(page, "query", "auth.me", undefined)).result.data.user.username).toBe("bo");
    page.close();
  });

  it("are limited for each member, who is told so", async () => {
    const sockets: WebSocket[] = [];
    for (let n = 0; n < 20; n += 1) {
      const socket = openSocket({ authorization: `Bearer ${token}` });
      sockets.push(socket);
      await ask(socket, "query", "health.get", undefined);
    }
    const last = openSocket({ authorization: `Bearer ${token}` });
    const [text] = await once(last, "message");
    expect(Object(JSON.parse(String(text))).error.data.code).toBe("TOO_MANY_REQUESTS");
    await once(last, "close");
    for (const socket of sockets) {
      socket.close();
    }
    await eventually(async () => expect(test.server.live.sockets).toBe(0));
  });

  it("close on messages past 64 KB", async () => {
    const socket = openSocket({ authorization: `Bearer ${token}` });
    await once(socket, "open");
    socket.send(JSON.stringify({ id: 1, method: "query", params: { path: "x", input: "y".repeat(70_000) } }));
    const [code] = await once(socket, "close");
    expect(code).toBe(1009);
  });
});

it("holds at most 32 streams on a connection", async () => {
  const socket = openSocket({ authorization: `Bearer ${token}` });
  await once(socket, "open");
  const refused = Promise.withResolvers<unknown>();
  socket.on("message", (text: Buffer) => {
    const { error } = Object(JSON.parse(text.toString()));
    if (error) {
      refused.resolve(error.data);
    }
  });
  for (let id = 1; id <= 33; id += 1) {
    const params = { path: "chat.onEvent", input: { roomId } };
    socket.send(JSON.stringify({ id, method: "subscription", params }));
  }
  expect(await refused.promise).toMatchObject({
    reason: "RATE_LIMITED",
    rateLimit: { policy: "streams-per-connection", limit: 32 },
  });
  expect(test.server.context.deps.live.counts().streams).toBe(32);
  const { body } = await test.newClient().fetch("/metrics");
  expect(String(body)).toContain("ws_connections 1\n");
  expect(String(body)).toContain("live_streams 32\n");
  socket.close();
});

it("leaves nothing behind after 200 connections came and went, politely or not", async () => {
  const { live } = test.server.context.deps;
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        if (index % 2 === 0) {
          const socket = openSocket({ authorization: `Bearer ${token}` });
          await ask(socket, "subscription", "chat.onEvent", { roomId });
          socket.terminate();
          return;
        }
        const controller = new AbortController();
        const input = encodeURIComponent(JSON.stringify({ roomId }));
        const response = await fetch(`${test.url}/api/trpc/chat.onEvent?input=${input}`, {
          headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
          signal: controller.signal,
        });
        expect(response.headers.get("content-type")).toBe("text/event-stream");
        await response.body?.getReader().read();
        controller.abort();
      }),
    );
  }
  await eventually(async () => {
    expect(live.counts()).toMatchObject({ streams: 0, watchedSessions: 0, holds: 0 });
    expect(test.server.live.sockets).toBe(0);
  });
  const connections = await new Promise<number>((resolve, reject) => {
    test.server.http.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
  // What is left are the idle connections of the requests above.
  expect(connections).toBeLessThan(20);
});

it("holds at most 64 SSE streams of a member, and says so to one more", async () => {
  const diToken = await tokenOf(test.newClient(), "di");
  const leaving = new AbortController();
  const input = encodeURIComponent(JSON.stringify({ roomId }));
  const begin = async () => {
    const { body } = await fetch(`${test.url}/api/trpc/chat.onEvent?input=${input}`, {
      headers: { authorization: `Bearer ${diToken}`, accept: "text/event-stream" },
      signal: leaving.signal,
    });
    return body!.pipeThrough(new TextDecoderStream()).getReader();
  };
  await Promise.all(Array.from({ length: 64 }, begin));
  await eventually(async () => expect(test.server.context.deps.live.counts().sseStreams).toBe(64));
  const oneMore = await begin();
  let text = "";
  for (let part = await oneMore.read(); !part.done; part = await oneMore.read()) {
    text += part.value;
  }
  expect(text).toContain("event: serialized-error");
  expect(text).toContain('"policy":"sse-streams"');
  leaving.abort();
  await eventually(async () => expect(test.server.context.deps.live.counts().sseStreams).toBe(0));
});

it("a reader that stalls costs bounded memory, and gets all of it in order when he reads on", async () => {
  const { context, live } = test.server;
  const { headSeq } = await context.db.read((tx) => roomQueries.findHead(tx, roomId)!);
  const socket = openSocket({ authorization: `Bearer ${token}` });
  const seqs: number[] = [];
  const ready = Promise.withResolvers<void>();
  socket.on("message", (text: Buffer) => {
    const data = Object(JSON.parse(text.toString())).result?.data?.data;
    if (data?.kind === "batch") {
      seqs.push(...data.events.map(({ seq }: { seq: number }) => seq));
    } else if (data?.kind === "ready") {
      ready.resolve();
    }
  });
  await ask(socket, "subscription", "chat.onEvent", { roomId });
  await ready.promise;
  socket.pause();
  const count = 450;
  const body = "x".repeat(16_000);
  await context.db.write((tx) => {
    const authorId = userQueries.findByUsername(tx, "ada")?.id ?? "";
    for (let n = 0; n < count; n += 1) {
      messageQueries.appendMessage(tx, { roomId, authorId, body, nowMs: Date.now() });
    }
  });
  // A message by the API rings the bell; the 450 before it are a hole then.
  await using other = openLiveClient(test.url, await tokenOf(test.newClient(), "cy"), "websocket");
  const watching = await followRoom(other, { roomId });
  await bo.mutate("chat.send", { roomId, body: "ring", clientMessageId: randomUUID() });
  await eventually(async () => expect(watching.seqs().at(-1)).toBe(headSeq + count + 1));
  expect(live.bufferedBytes).toBeLessThan(2.5 * 1024 * 1024);
  socket.resume();
  await eventually(async () => expect(seqs.at(-1)).toBe(headSeq + count + 1));
  expect(seqs).toEqual(Array.from({ length: count + 1 }, (_, index) => headSeq + 1 + index));
  socket.close();
});

it("a generator over a WebSocket waits for its reader too: many rooms' backlogs in a feed cost bounded memory", async () => {
  const { context, live } = test.server;
  const { headSeq, epoch } = await context.db.read((tx) => roomQueries.findHead(tx, roomId)!);
  // Somebody who has not used up what he may subscribe to in a minute.
  const socket = openSocket({ authorization: `Bearer ${await tokenOf(test.newClient(), "di")}` });
  const seqs = new Map<string, number[]>();
  socket.on("message", (text: Buffer) => {
    for (const { key, data } of Object(JSON.parse(text.toString())).result?.data?.data ?? []) {
      if (data?.kind === "batch") {
        seqs.set(key, [...(seqs.get(key) ?? []), ...data.events.map(({ seq }: { seq: number }) => seq)]);
      }
    }
  });
  await once(socket, "open");
  const behind = 100;
  const topics = Array.from({ length: 8 }, (_, index) => ({
    key: String(index),
    path: "chat.onEvent",
    input: { roomId, cursor: `${epoch}.${headSeq - behind}` },
  }));
  await ask(socket, "subscription", "live.feed", { topics });
  socket.pause();
  await eventually(async () => expect(live.bufferedBytes).toBeGreaterThan(128 * 1024));
  // Long enough for a generator that nobody holds back to send all of it.
  await eventually(async () => expect((await bo.query("auth.me")).status).toBe(200));
  await eventually(async () => expect((await bo.query("room.list")).status).toBe(200));
  expect(live.bufferedBytes).toBeLessThan(4 * 1024 * 1024);
  socket.resume();
  const all = Array.from({ length: behind }, (_, index) => headSeq - behind + 1 + index);
  await eventually(async () => expect([...seqs.values()].map((got) => got.length)).toEqual(topics.map(() => behind)));
  expect([...seqs.values()].every((got) => got.join() === all.join())).toBe(true);
  socket.close();
});
