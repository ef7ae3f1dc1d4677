import { randomUUID } from "node:crypto";
import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { notificationQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { collect, openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let here: TestServer;
let there: TestServer;
let ada: TestClient;
let bo: TestClient;
let roomId: string;

beforeAll(async () => {
  here = await createTestServer({ redisUrl: inject("redisUrl") });
  there = await createTestServer({ redisUrl: inject("redisUrl"), besides: here });
  [ada, bo] = await Promise.all([here.signedInClient("ada"), here.signedInClient("bo")]);
  roomId = await roomIdOf(bo, "general");
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
});

const send = async (who: TestClient, body: string, more: object = {}) =>
  Object((await who.mutate("chat.send", { roomId, body, clientMessageId: randomUUID(), ...more })).data).message;
const inboxOf = async (who: TestClient) => Object((await who.query("inbox.list", {})).data);

describe("an inbox", () => {
  it("has what names or answers the member, each once, and nothing of his own", async () => {
    await ada.mutate("inbox.markRead", {});
    const before = (await inboxOf(ada)).items.length;
    const clientMessageId = randomUUID();
    for (let n = 0; n < 2; n += 1) {
      await send(bo, "see this, @ada and @ADA", { clientMessageId });
    }
    const hers = await send(ada, "thank you, @ada");
    await send(bo, "you are welcome, @ada", { replyToId: hers.id });
    await send(bo, "ada@cardinal.test is no mention");
    const inbox = await inboxOf(ada);
    expect(inbox.unread).toBe(2);
    expect(inbox.items.length - before).toBe(2);
    expect(inbox.items.slice(0, 2)).toMatchObject([
      { kind: "reply", isRead: false, room: { slug: "general" }, message: { excerpt: "you are welcome, @ada" } },
      { kind: "mention", actor: expect.stringMatching(/^Bo/), message: { excerpt: "see this, @ada and @ADA" } },
    ]);
  });

  it("is read line by line, or whole, and keeps what came later", async () => {
    await ada.mutate("inbox.markRead", {});
    await send(bo, "one for @ada");
    await send(bo, "two for @ada");
    const [second] = (await inboxOf(ada)).items;
    expect((await ada.mutate("inbox.markRead", { ids: [second.id] })).data).toEqual({ unread: 1 });
    expect((await bo.mutate("inbox.markRead", { ids: [second.id] })).status).toBe(200);
    expect((await ada.mutate("inbox.markRead", {})).data).toEqual({ unread: 0 });
    expect((await inboxOf(ada)).items[0]).toMatchObject({ isRead: true });
  });

  it("comes in pages, newest first, and keeps two hundred lines", async () => {
    const { db } = here.server.context;
    const userId = String(Object((await ada.query("auth.me")).data).user.id);
    const payload = { actor: "Bo", room: { slug: "general", name: "General" }, message: null };
    await db.write((tx) => {
      for (let line = 0; line < 210; line += 1) {
        notificationQueries.insert(tx, { userId, kind: "invite", payload, nowMs: Date.now() - 300 + line });
      }
    });
    const ids: string[] = [];
    for (let before: string | undefined; ; before = ids.at(-1)) {
      const page = Object((await ada.query("inbox.list", { limit: 90, ...(before && { before }) })).data);
      ids.push(...page.items.map(({ id }: { id: string }) => id));
      if (!page.hasMore) {
        break;
      }
    }
    expect(new Set(ids).size).toBe(200);
  });

  it("tells nobody who is not in the room", async () => {
    const di = await here.signedInClient("di");
    await di.mutate("room.leave", { roomId });
    const before = (await inboxOf(di)).unread;
    await send(bo, "is @di here?");
    expect((await inboxOf(di)).unread).toBe(before);
  });

  it("has the room a member was brought into", async () => {
    const room = Object((await bo.mutate("room.create", { name: "Inner circle", visibility: "private" })).data);
    const userId = Object((await ada.query("auth.me")).data).user.id;
    await bo.mutate("room.invite", { roomId: room.id, userId });
    expect((await inboxOf(ada)).items[0]).toMatchObject({ kind: "invite", room: { slug: room.slug }, message: null });
  });
});

describe.each(["websocket", "sse"] as const)("a page that follows its inbox over %s", (transport) => {
  it("hears in another process what comes, what was read elsewhere, and that rooms have changed", async () => {
    await ada.mutate("inbox.markRead", {});
    await using client = openLiveClient(there.url, await tokenOf(there.newClient(), "ada"), transport);
    const inbox = collect<InboxOnEventFrame>((handlers) => client.api.inbox.onEvent.subscribe(undefined, handlers));
    const last = () => inbox.frames.at(-1);
    await eventually(async () => expect(last()).toMatchObject({ unread: 0 }));
    const { number } = await send(bo, `for @ada over ${transport}`);
    await eventually(async () => expect(last()).toMatchObject({ unread: 1, newest: { message: { number } } }), 20_000);
    await ada.mutate("inbox.markRead", {});
    await eventually(async () => expect(last()).toMatchObject({ unread: 0 }), 20_000);
    const { revision = 0 } = last() ?? {};
    await ada.mutate("chat.markRead", { roomId, number });
    await eventually(async () => expect(last()?.revision).not.toBe(revision), 20_000);
    inbox.stop();
  });
});
