import { randomUUID } from "node:crypto";
import { startTcpProxy } from "@cardinal/dev";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createCardinalClient, readFault } from "../src/index.ts";
import type { CardinalClient } from "../src/index.ts";
import { runProgram, startLiveServer } from "./support/live-server.ts";
import { startPickyProxy } from "./support/picky-proxy.ts";
import type { LiveServer } from "./support/live-server.ts";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer(inject("redisUrl"));
}, 90_000);
afterAll(async () => {
  await server.stop();
});

async function signIn(login: string): Promise<string> {
  using door = createCardinalClient({ url: server.url });
  const { token } = await door.trpc.auth.signIn.mutate({
    login,
    password: "cardinal-demo-1",
    issueToken: true,
  });
  if (token === undefined) throw new Error("no token");
  return token;
}

async function firstRoom(client: CardinalClient): Promise<string> {
  const { rooms } = await client.trpc.room.list.query();
  const room = rooms.find(({ isMember }) => isMember);
  if (!room) throw new Error("a member of no room");
  return room.id;
}

describe("against the real server", () => {
  it("tells why a call was refused", async () => {
    using stranger = createCardinalClient({ url: server.url });
    const wrong = stranger.trpc.auth.signIn.mutate({ login: "ada", password: "not it", issueToken: true });
    expect(readFault(await wrong.catch((error: unknown) => error))).toMatchObject({
      code: "UNAUTHORIZED",
      reason: "WRONG_CREDENTIALS",
    });
    const refused = await stranger.trpc.room.list.query().catch((error: unknown) => error);
    expect(readFault(refused).code).toBe("UNAUTHORIZED");
  });

  it.each(["websocket", "sse"] as const)("loses nothing over cut connections on %s", async (transport) => {
    const proxy = await startTcpProxy({ target: { host: "127.0.0.1", port: server.port } });
    const [ada, bo] = await Promise.all([signIn("ada"), signIn("bo")]);
    using reader = createCardinalClient({ url: `http://127.0.0.1:${proxy.port}`, token: ada, transport });
    using writer = createCardinalClient({ url: server.url, token: bo });
    const roomId = await firstRoom(writer);
    const page = await reader.trpc.chat.history.query({ roomId, limit: 1 });
    const seen: string[] = [];
    reader.trpc.chat.onEvent.subscribe(
      { roomId, cursor: `${page.epoch}.${page.asOfSeq}` },
      {
        onData: ({ data }) => {
          if (data.kind === "batch") seen.push(...data.events.map(({ message }) => message.body));
        },
      },
    );
    const sent: string[] = [];
    for (let number = 1; number <= 6; number += 1) {
      const body = `${transport} ${number}`;
      sent.push(body);
      if (number % 2 === 0) proxy.cutAll();
      await writer.trpc.chat.send.mutate({ roomId, body, clientMessageId: randomUUID() });
      if (number % 2 === 1) await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(number);
    }
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(sent);
    expect(reader.connection.snapshot).toMatchObject({ state: "live", transport });
    await proxy.stop();
  });

  it.each(["websocket", "sse"] as const)(
    "loops over a room's events on %s, slower than they come, until it leaves",
    async (transport) => {
      const [ada, bo] = await Promise.all([signIn("ada"), signIn("bo")]);
      using reader = createCardinalClient({ url: server.url, token: bo, transport });
      using writer = createCardinalClient({ url: server.url, token: ada });
      const roomId = await firstRoom(reader);
      const { epoch, asOfSeq } = await reader.trpc.chat.history.query({ roomId, limit: 1 });
      const sent = ["one", "two", "three"].map((text) => `${transport} ${text}`);
      const seen: string[] = [];
      const frames = reader.live.chat.onEvent({ roomId, cursor: `${epoch}.${asOfSeq}` }, { buffer: 1 });
      for await (const { data } of frames) {
        if (data.kind === "ready" && seen.length === 0) {
          for (const body of sent) {
            await writer.trpc.chat.send.mutate({ roomId, body, clientMessageId: randomUUID() });
          }
        }
        if (data.kind === "batch") seen.push(...data.events.map(({ message }) => message.body));
        if (seen.length >= sent.length) break;
      }
      expect(seen).toEqual(sent);
      await expect.poll(() => reader.connection.state).toBe("idle");

      const stranger = reader.live.chat.onEvent({ roomId: "01900000-0000-7000-8000-000000000001" });
      const refusal: unknown = await stranger.next().catch((error: unknown) => error);
      expect(readFault(refusal)).toMatchObject({ code: "NOT_FOUND", reason: "ROOM_NOT_FOUND" });
    },
  );

  it("goes on over SSE from its last event when WebSockets are no longer let through", async () => {
    const proxy = await startPickyProxy(server.port);
    const [ada, bo] = await Promise.all([signIn("ada"), signIn("bo")]);
    using reader = createCardinalClient({ url: proxy.url, token: bo });
    using writer = createCardinalClient({ url: server.url, token: ada });
    const roomId = await firstRoom(reader);
    const { epoch, asOfSeq } = await reader.trpc.chat.history.query({ roomId, limit: 1 });
    const seqs: number[] = [];
    reader.trpc.chat.onEvent.subscribe(
      { roomId, cursor: `${epoch}.${asOfSeq}` },
      { onData: ({ data }) => (data.kind === "batch" ? seqs.push(...data.events.map(({ seq }) => seq)) : 0) },
    );
    const say = async (body: string) =>
      void (await writer.trpc.chat.send.mutate({ roomId, body, clientMessageId: randomUUID() }));
    await say("over a WebSocket");
    await expect.poll(() => seqs, { timeout: 20_000 }).toHaveLength(1);
    expect(reader.connection.snapshot.transport).toBe("websocket");
    proxy.refuseWebSockets();
    await say("while it changes");
    await expect.poll(() => reader.connection.snapshot, { timeout: 20_000 }).toMatchObject({
      state: "live",
      transport: "sse",
    });
    await say("over SSE");
    await expect.poll(() => seqs, { timeout: 20_000 }).toHaveLength(3);
    expect(seqs).toEqual([asOfSeq + 1, asOfSeq + 2, asOfSeq + 3]);
    proxy.stop();
  });

  it("keeps a member present, and away, while his feed is opened anew for other topics", async () => {
    const [ada, bo] = await Promise.all([signIn("ada"), signIn("bo")]);
    using watcher = createCardinalClient({ url: server.url, token: ada });
    using present = createCardinalClient({ url: server.url, token: bo, transport: "sse" });
    const roomId = await firstRoom(present);
    const page = randomUUID();
    const seen: string[] = [];
    watcher.trpc.presence.onChange.subscribe({ room: roomId }, {
      onData({ data }) {
        const users = data.kind === "snapshot" ? data.users : [...data.joins, ...data.updates];
        for (const { user, state } of users) if (user.username === "bo") seen.push(state);
        if (data.kind === "diff" && data.leaves.length > 0) seen.push("left");
      },
    });
    present.trpc.presence.onChange.subscribe({ room: roomId, page }, { onData: () => undefined });
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe("active");
    await present.trpc.presence.setState.mutate({ page, state: "away" });
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe("away");
    for (const period of ["day", "week"] as const) {
      let frames = 0;
      present.trpc.leaderboard.onChange.subscribe({ board: "quiz", period }, { onData: () => (frames += 1) });
      await expect.poll(() => frames, { timeout: 20_000 }).toBe(1);
    }
    const after = await watcher.trpc.presence.list.query({ room: roomId });
    expect(after.users.find(({ user }) => user.username === "bo")).toMatchObject({ state: "away" });
    expect(seen).not.toContain("left");
    expect(new Set(seen.slice(seen.indexOf("away")))).toEqual(new Set(["away"]));
  });

  describe("the examples", () => {
    const example = (name: string, ...args: string[]) =>
      runProgram(`packages/client/examples/${name}.ts`, args, {
        CARDINAL_URL: server.url,
        CARDINAL_LOGIN: "cy",
        CARDINAL_PASSWORD: "cardinal-demo-1",
      });

    it("sign in", async () => {
      const output = await example("sign-in");
      expect(output).toMatch(/^signed in as Cy .*\(member\)$/m);
      expect(output).toContain("signed out: true");
      expect(output).toContain("without a session: UNAUTHORIZED");
    });

    it("send a message, once", async () => {
      const numbers = (await example("send-message", "general", "hello")).match(/message (\d+)/g);
      expect(numbers).toHaveLength(2);
      expect(numbers?.[0]).toBe(numbers?.[1]);
    });

    it("follow a room", async () => {
      using writer = createCardinalClient({ url: server.url, token: await signIn("bo") });
      const { rooms } = await writer.trpc.room.list.query();
      const room = rooms.find(({ slug }) => slug === "general");
      const following = example("follow-room", "general", "1");
      let isFollowed = false;
      const ended = following.finally(() => (isFollowed = true));
      // Whoever follows says nothing when he has begun: so it is said again until he has heard it.
      while (!isFollowed) {
        const body = "heard by the follower";
        await writer.trpc.chat.send.mutate({ roomId: room?.id ?? "", body, clientMessageId: randomUUID() });
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1_500))]);
      }
      expect(await following).toMatch(/\(message \d+\): heard by the follower/);
    });

    it("read a board", async () => {
      expect(await example("read-board")).toMatch(/^ {2}1\. /m);
    });

    it("watch a board", async () => {
      expect(await example("watch-board", "quiz", "1")).toMatch(/ leads \d+ with \d+/);
    });
  });
});
