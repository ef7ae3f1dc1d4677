import { randomUUID } from "node:crypto";
import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { sendMessage } from "@cardinal/api/use-cases";
import { roomEventQueries, userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { collect, openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let here: TestServer;
let there: TestServer;
let ada: TestClient;
let token: string;
let roomId: string;

beforeAll(async () => {
  here = await createTestServer({ redisUrl: inject("redisUrl") });
  there = await createTestServer({ redisUrl: inject("redisUrl"), besides: here });
  ada = await here.signedInClient("ada");
  token = await tokenOf(there.newClient(), "ada");
  roomId = await roomIdOf(ada, "general");
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
});

const write = async (body: string) => {
  const { deps } = here.server.context;
  const authorId = await deps.db.read((tx) => userQueries.findByUsername(tx, "bo")?.id ?? "");
  return sendMessage(deps, { authorId, roomId, body, clientMessageId: randomUUID() });
};
const unreadOf = async (client: TestClient) => Object((await client.query("room.get", { slug: "general" })).data).unread;

describe("what a member has read", () => {
  it("is read on his other device at once, and never unread again", async () => {
    const { message } = await write("read me");
    const other = await there.signedInClient("ada");
    expect(await unreadOf(other)).toBeGreaterThan(0);
    await using device = openLiveClient(there.url, token, "websocket");
    const inbox = collect<InboxOnEventFrame>((handlers) => device.api.inbox.onEvent.subscribe(undefined, handlers));
    await inbox.started;
    const { revision } = inbox.frames[0]!;
    await ada.mutate("chat.markRead", { roomId, number: message.number });
    await eventually(async () => expect(inbox.frames.at(-1)?.revision).not.toBe(revision));
    expect(await unreadOf(other)).toBe(0);
    await other.mutate("chat.markRead", { roomId, number: message.number - 5 });
    expect(await unreadOf(ada)).toBe(0);

    // A device that was away meanwhile sees by the number that it has to look.
    inbox.stop();
    const { revision: known } = inbox.frames.at(-1)!;
    const next = await write("and me");
    await ada.mutate("chat.markRead", { roomId, number: next.message.number });
    const again = collect<InboxOnEventFrame>((handlers) => device.api.inbox.onEvent.subscribe(undefined, handlers));
    await again.started;
    expect(again.frames[0]?.revision).not.toBe(known);
    again.stop();
  });
});

describe("a log that was trimmed", () => {
  it("resets who stood before it and gives him no part, and replays the rest to who did not", async () => {
    const sent = [];
    for (let n = 0; n < 8; n += 1) sent.push(await write(`event ${n}`));
    const { epoch, unread } = {
      epoch: Object((await ada.query("chat.history", { roomId, limit: 1 })).data).epoch,
      unread: await unreadOf(ada),
    };
    const first = sent[0]!.seq;
    await here.server.context.deps.db.write((tx) =>
      roomEventQueries.trim(tx, { roomId, olderThanMs: 0, keepLast: 4, limit: 1_000_000 }),
    );
    await using device = openLiveClient(there.url, token, "websocket");
    const before = await followRoom(device, { roomId, cursor: `${epoch}.${first}` });
    expect(before.frames.map(({ kind }) => kind)).toEqual(["reset", "ready"]);
    const within = await followRoom(device, { roomId, cursor: `${epoch}.${first + 3}` });
    expect(within.frames.map(({ kind }) => kind)).toEqual(["batch", "ready"]);
    expect(within.seqs()).toEqual([first + 4, first + 5, first + 6, first + 7]);

    // All of it gone: who is at the head goes on, and hears what comes.
    await here.server.context.deps.db.write((tx) =>
      roomEventQueries.trim(tx, { roomId, olderThanMs: Date.now() + 60_000, keepLast: 0, limit: 1_000_000 }),
    );
    const atHead = await followRoom(device, { roomId, cursor: `${epoch}.${first + 7}` });
    expect(atHead.frames.map(({ kind }) => kind)).toEqual(["ready"]);
    const { seq } = await write("after the trim");
    for (const stream of [before, within, atHead]) {
      await eventually(async () => expect(stream.seqs().at(-1)).toBe(seq));
      stream.stop();
    }
    expect(await unreadOf(ada)).toBe(unread + 1);
    const { messages } = Object((await ada.query("chat.history", { roomId, limit: 20 })).data);
    expect(messages.map(({ number }: { number: number }) => number)).toEqual(
      Array.from({ length: 20 }, (_, index) => messages[0].number + index),
    );
  });
});
