import { randomUUID } from "node:crypto";
import { roomEventQueries, userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let client: TestClient;
let roomId: string;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  client = await test.signedInClient("bo");
  roomId = await roomIdOf(client, "general");
});
afterAll(() => test[Symbol.asyncDispose]());

const send = (body: string, clientMessageId = randomUUID(), to = roomId) =>
  client.mutate("chat.send", { roomId: to, body, clientMessageId });

describe("rooms", () => {
  it("are listed with what the member has not read", async () => {
    const { data } = await client.query("room.list");
    expect(Object(data).rooms).toHaveLength(6);
    expect(Object(data).rooms).toContainEqual(
      expect.objectContaining({ slug: "general", isMember: true, headMessageNumber: expect.any(Number) }),
    );
  });

  it("can be joined and left, twice without harm", async () => {
    const di = await test.signedInClient("di");
    const redisRoom = await roomIdOf(di, "redis");
    const before = Object((await di.query("room.get", { slug: "redis" })).data);
    expect(before.isMember).toBe(false);
    for (let n = 0; n < 2; n += 1) {
      const joined = await di.mutate("room.join", { roomId: redisRoom });
      expect(joined.data).toMatchObject({ isMember: true, unread: 0, memberCount: before.memberCount + 1 });
    }
    for (let n = 0; n < 2; n += 1) {
      const left = await di.mutate("room.leave", { roomId: redisRoom });
      expect(left.data).toMatchObject({ isMember: false, memberCount: before.memberCount });
    }
  });
});

describe("a message that waited", () => {
  it("is not sent in the name of who has signed in since", async () => {
    const { id } = Object((await test.server.context.deps.db.read((tx) => userQueries.findByUsername(tx, "ada"))));
    const input = { roomId, body: "hers", clientMessageId: randomUUID(), authorId: id };
    const cy = await test.signedInClient("cy");
    expect(await cy.mutate("chat.send", input)).toMatchObject({ error: { reason: "SIGNED_IN_AS_ANOTHER" } });
    const ada = await test.signedInClient("ada");
    expect((await ada.mutate("chat.send", input)).status).toBe(200);
  });
});

describe("history", () => {
  it("comes in pages, ascending, with the cursor a stream may start from", async () => {
    const newest = Object((await client.query("chat.history", { roomId, limit: 20 })).data);
    expect(newest.messages).toHaveLength(20);
    expect(newest).toMatchObject({ hasMore: true, asOfSeq: expect.any(Number), epoch: expect.any(String) });
    const first = newest.messages[0].number;
    const older = Object((await client.query("chat.history", { roomId, before: first, limit: 20 })).data);
    expect(older.messages.map(({ number }: { number: number }) => number)).toEqual(
      Array.from({ length: 20 }, (_, index) => first - 20 + index),
    );
  });

  it.each([
    ["an unknown room", { roomId: randomUUID() }, 404, "ROOM_NOT_FOUND"],
    ["what is no room id", { roomId: "general" }, 400, "INVALID_INPUT"],
  ])("is refused for %s", async (_what, input, status, reason) => {
    expect(await client.query("chat.history", input)).toMatchObject({ status, error: { reason } });
  });

  it("is refused to who is not a member", async () => {
    const di = await test.signedInClient("di");
    const input = { roomId: await roomIdOf(di, "redis") };
    expect(await di.query("chat.history", input)).toMatchObject({
      status: 403,
      error: { reason: "NOT_A_MEMBER" },
    });
  });
});

describe("sending", () => {
  it("stores message and event together and answers both numbers", async () => {
    const answer = await send("  hello, everyone  ");
    const { message, seq } = Object(answer.data);
    expect(message).toMatchObject({ body: "hello, everyone", author: { username: "bo" }, seq });
    const [event] = await test.server.context.db.read((tx) => roomEventQueries.range(tx, roomId, seq - 1, 1));
    expect(event).toMatchObject({ seq, kind: "message", message: { id: message.id } });
  });

  it("rings the room's doorbell with the event", async () => {
    const heard: unknown[] = [];
    const bell = test.server.context.deps.doorbells.room(roomId);
    const rung = new Promise<void>((resolve, reject) => {
      bell
        .subscribe((event) => {
          heard.push(event);
          resolve();
        })
        .then(() => send("ding"))
        .catch(reject);
    });
    await rung;
    expect(heard).toMatchObject([{ kind: "message", message: { body: "ding" } }]);
  });

  it("twice with the same id stores one message, also at the same moment", async () => {
    const id = randomUUID();
    const answers = await Promise.all([send("once", id), send("once", id), send("once", id)]);
    const ids = new Set(answers.map(({ data }) => Object(data).message.id));
    expect(ids.size).toBe(1);
    const { messages } = Object((await client.query("chat.history", { roomId, limit: 5 })).data);
    expect(messages.filter(({ body }: { body: string }) => body === "once")).toHaveLength(1);
  });

  it("refuses an id that was used in another room", async () => {
    const id = randomUUID();
    await send("here", id);
    const other = await roomIdOf(client, "help");
    expect(await send("there", id, other)).toMatchObject({
      status: 409,
      error: { reason: "OPERATION_REUSED" },
    });
  });

  it.each([
    ["nothing", "", "MESSAGE_EMPTY"],
    ["spaces", " \n\t ", "MESSAGE_EMPTY"],
    ["4001 characters", "x".repeat(4_001), "MESSAGE_TOO_LONG"],
    ["20 KB", "x".repeat(20_480), "MESSAGE_TOO_LONG"],
    ["20 KB of spaces around a word", `word${" ".repeat(20_480)}`, "MESSAGE_TOO_LONG"],
  ])("refuses %s and stores nothing", async (_what, body, reason) => {
    const before = Object((await client.query("room.get", { slug: "general" })).data).headSeq;
    expect(await send(body)).toMatchObject({ status: 400, error: { reason } });
    expect(Object((await client.query("room.get", { slug: "general" })).data).headSeq).toBe(before);
  });

  it("takes 4000 characters outside the basic plane", async () => {
    expect((await send("🙂".repeat(4_000))).status).toBe(200);
  });

  it("refuses an unknown room, and one the sender is not in", async () => {
    expect(await send("x", randomUUID(), randomUUID())).toMatchObject({
      status: 404,
      error: { reason: "ROOM_NOT_FOUND" },
    });
    const di = await test.signedInClient("di");
    const input = { roomId: await roomIdOf(di, "redis"), body: "x", clientMessageId: randomUUID() };
    expect((await di.mutate("chat.send", input)).error?.reason).toBe("NOT_A_MEMBER");
  });

  it("refuses a body of more than 100 KB before reading it whole", async () => {
    expect((await send("x".repeat(200_000))).status).toBe(413);
  });
});

describe("read marks", () => {
  it("move forward only, and not past the last message", async () => {
    const cy = await test.signedInClient("cy");
    const { data } = await cy.query("room.get", { slug: "general" });
    const last = Object(data).headMessageNumber;
    const mark = async (number: number) =>
      Object((await cy.mutate("chat.markRead", { roomId, number })).data).lastReadNumber;
    expect(await mark(last)).toBe(last);
    expect(await mark(1)).toBe(last);
    expect(await mark(last + 100)).toBe(last);
    expect(Object((await cy.query("room.get", { slug: "general" })).data).unread).toBe(0);
  });
});
