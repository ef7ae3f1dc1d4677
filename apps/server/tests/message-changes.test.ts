import { randomUUID } from "node:crypto";
import { sendMessage } from "@cardinal/api/use-cases";
import { userQueries } from "@cardinal/db";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let ada: TestClient;
let bo: TestClient;
let di: TestClient;
let roomId: string;
/** Bo's newest message in the room. */
let messageId: string;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  [ada, bo, di] = await Promise.all([
    test.signedInClient("ada"),
    test.signedInClient("bo"),
    test.signedInClient("di"),
  ]);
  roomId = await roomIdOf(bo, "general");
});
afterAll(() => test[Symbol.asyncDispose]());

const send = async (author: TestClient, body: string, more: object = {}) =>
  await author.mutate("chat.send", { roomId, body, clientMessageId: randomUUID(), ...more });
/** As `bo`, past the limit of the API: these tests send more than a member may. */
const write = async (body: string, to = roomId) => {
  const { deps } = test.server.context;
  const authorId = await deps.db.read((tx) => userQueries.findByUsername(tx, "bo")?.id ?? "");
  return (await sendMessage(deps, { authorId, roomId: to, body, clientMessageId: randomUUID() })).message.id;
};
const headSeq = async () => Object((await bo.query("chat.history", { roomId, limit: 1 })).data).asOfSeq;
const newest = async () => Object((await bo.query("chat.history", { roomId, limit: 1 })).data).messages[0];

beforeEach(async () => {
  messageId = await write("first words");
});

describe("editing", () => {
  it("replaces the text, says so, and makes one event however often it is repeated", async () => {
    const before = await headSeq();
    for (let n = 0; n < 2; n += 1) {
      const answer = await bo.mutate("chat.edit", { messageId, body: " better words " });
      expect(Object(answer.data).message).toMatchObject({
        id: messageId,
        body: "better words",
        editedAtMs: expect.any(Number),
      });
    }
    expect(await headSeq()).toBe(before + 1);
    expect(await newest()).toMatchObject({ body: "better words", seq: before + 1 });
  });

  it("is the author's alone, whatever another one's role", async () => {
    expect(await ada.mutate("chat.edit", { messageId, body: "hers" })).toMatchObject({
      status: 403,
      error: { reason: "NOT_YOUR_MESSAGE" },
    });
    expect(await newest()).toMatchObject({ body: "first words", editedAtMs: null });
  });

  it.each([
    ["an empty text", { body: "  " }, "MESSAGE_EMPTY"],
    ["20 KB", { body: "x".repeat(20_000) }, "MESSAGE_TOO_LONG"],
  ])("refuses %s", async (_what, input, reason) => {
    expect(await bo.mutate("chat.edit", { messageId, ...input })).toMatchObject({ status: 400, error: { reason } });
  });
});

describe("removing", () => {
  it("leaves the place, takes the text, and answers the same when repeated", async () => {
    await ada.mutate("chat.react", { messageId, emoji: "👍", on: true });
    const before = await headSeq();
    for (let n = 0; n < 2; n += 1) {
      const answer = await bo.mutate("chat.remove", { messageId });
      expect(answer.status).toBe(200);
    }
    expect(await headSeq()).toBe(before + 1);
    expect(await newest()).toMatchObject({
      id: messageId,
      body: "",
      deletedAtMs: expect.any(Number),
      reactions: [],
    });
    expect(await bo.mutate("chat.edit", { messageId, body: "back" })).toMatchObject({
      status: 404,
      error: { reason: "MESSAGE_NOT_FOUND" },
    });
  });

  it("is for the author and for admins, not for other members", async () => {
    const cy = await test.signedInClient("cy");
    await cy.mutate("room.join", { roomId });
    expect(await cy.mutate("chat.remove", { messageId })).toMatchObject({
      status: 403,
      error: { reason: "NOT_YOUR_MESSAGE" },
    });
    expect((await ada.mutate("chat.remove", { messageId })).status).toBe(200);
  });
});

describe("reacting", () => {
  it("counts each member once an emoji, and takes it back", async () => {
    const react = (who: TestClient, emoji: string, on: boolean) =>
      who.mutate("chat.react", { messageId, emoji, on });
    await react(bo, "🎉", true);
    await react(ada, "🎉", true);
    await react(ada, "🎉", true);
    const answer = await react(ada, "👩‍💻", true);
    const { reactions } = Object(answer.data).message;
    expect(reactions.map(({ emoji, userIds }: { emoji: string; userIds: string[] }) => [emoji, userIds.length])).toEqual([
      ["🎉", 2],
      ["👩‍💻", 1],
    ]);
    const taken = await react(bo, "🎉", false);
    expect(Object(taken.data).message.reactions[0].userIds).toHaveLength(1);
  });

  it.each(["", "a", "👍👍", "<b>", "👍".repeat(20)])("refuses %j as an emoji", async (emoji) => {
    expect((await bo.mutate("chat.react", { messageId, emoji, on: true })).status).toBe(400);
  });

  it("holds twenty different ones and says when it is full", async () => {
    const emojis = Array.from({ length: 21 }, (_, index) => String.fromCodePoint(0x1f600 + index));
    const answers = [];
    for (const emoji of emojis) {
      answers.push(await bo.mutate("chat.react", { messageId, emoji, on: true }));
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 20 }, () => 200), 409]);
    expect(answers.at(-1)).toMatchObject({ error: { reason: "TOO_MANY_REACTIONS" } });
  });
});

describe("answering", () => {
  it("shows what is answered as it stands, and nothing of it once deleted", async () => {
    await send(ada, "an answer", { replyToId: messageId });
    expect(await newest()).toMatchObject({ body: "an answer", replyTo: { id: messageId, excerpt: "first words" } });
    await bo.mutate("chat.remove", { messageId });
    expect(await newest()).toMatchObject({ replyTo: { id: messageId, excerpt: "" } });
  });

  it("is refused for a message of another room, and for none", async () => {
    const elsewhere = await roomIdOf(bo, "redis");
    await bo.mutate("room.join", { roomId: elsewhere });
    for (const replyToId of [await write("elsewhere", elsewhere), randomUUID()]) {
      expect(await send(bo, "an answer", { replyToId })).toMatchObject({
        status: 404,
        error: { reason: "MESSAGE_NOT_FOUND" },
      });
    }
  });
});

describe("who is not in the room", () => {
  it("learns nothing of its messages", async () => {
    await di.mutate("room.leave", { roomId });
    for (const [procedure, input] of [
      ["chat.edit", { body: "x" }],
      ["chat.remove", {}],
      ["chat.react", { emoji: "👍", on: true }],
    ] as const) {
      const known = await di.mutate(procedure, { messageId, ...input });
      const unknown = await di.mutate(procedure, { messageId: randomUUID(), ...input });
      expect(known).toMatchObject({ status: 404, error: { reason: "MESSAGE_NOT_FOUND" } });
      expect(Object(known.error).message).toBe(Object(unknown.error).message);
    }
  });
});

describe.each(["websocket", "sse"] as const)("a follower over %s", (transport) => {
  it("hears of every change in order, and of those it missed when it comes back", async () => {
    await using client = openLiveClient(test.url, await tokenOf(test.newClient(), "ada"), transport);
    const room = await followRoom(client, { roomId });
    await bo.mutate("chat.edit", { messageId, body: "edited" });
    await ada.mutate("chat.react", { messageId, emoji: "👍", on: true });
    await bo.mutate("chat.remove", { messageId });
    const kinds = () => room.events().map(({ kind }) => kind);
    await eventually(async () => expect(kinds().slice(-3)).toEqual(["edit", "reaction", "delete"]));
    room.stop();
  });
});
