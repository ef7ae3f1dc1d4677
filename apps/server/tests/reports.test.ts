import { randomUUID } from "node:crypto";
import { messageQueries } from "@cardinal/db";
import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { collect, type LiveClient, openLiveClient, tokenOf } from "./support/live-client.ts";
import { type ModeratedRooms, type Name, openModeratedRooms } from "./support/moderated-room.ts";

let rooms: ModeratedRooms;
let one: TestServer;
let two: TestServer;
let as: ModeratedRooms["as"];
let idOf: ModeratedRooms["idOf"];
let newRoom: ModeratedRooms["newRoom"];
const opened: LiveClient[] = [];

beforeAll(async () => {
  rooms = await openModeratedRooms(inject("redisUrl"));
  ({ one, two, as, idOf, newRoom } = rooms);
});
afterAll(async () => {
  await Promise.all(opened.map((client) => client.close()));
  await rooms[Symbol.asyncDispose]();
});

const say = (who: Name, roomId: string, body: string): Promise<string> =>
  one.server.context.db.write(
    (tx) => messageQueries.appendMessage(tx, { roomId, authorId: idOf[who], body, nowMs: Date.now() }).message.id,
  );
const refused = (status: number, reason: string) => ({ status, error: { reason } });
const openReports = async (who: Name) => Object((await as[who].query("moderation.list", {})).data).reports;
const watchInbox = async (who: Name, server: TestServer) => {
  const client = openLiveClient(server.url, await tokenOf(server.newClient(), who), "websocket");
  opened.push(client);
  const inbox = collect<InboxOnEventFrame>((handlers) => client.api.inbox.onEvent.subscribe(undefined, handlers));
  await inbox.started;
  return { client, inbox };
};

describe("a report", () => {
  it("is made once, keeps the text as it stood, and counts at once for those who may settle it", async () => {
    const roomId = await newRoom("cy", "di");
    const messageId = await say("di", roomId, "as it stood");
    const { inbox } = await watchInbox("ada", two);
    const before = inbox.frames.at(-1)?.reports ?? 0;
    expect(await as.ada.mutate("chat.report", { messageId, reason: "spam" })).toMatchObject({ status: 404 });
    for (const reason of ["spam", "other"]) {
      expect((await as.cy.mutate("chat.report", { messageId, reason, note: "look" })).status).toBe(200);
    }
    await as.di.mutate("chat.edit", { messageId, body: "not what it was" });
    await eventually(async () => expect(inbox.frames.at(-1)?.reports).toBe(before + 1));
    inbox.stop();
    for (const who of ["ada", "bo", "cy"] as const) {
      expect((await openReports(who))[0]).toMatchObject({
        reason: "spam",
        note: "look",
        reporter: { username: "cy" },
        message: { excerpt: "as it stood", author: { username: "di" } },
      });
    }
    expect(await openReports("di")).toEqual([]);
    await as.bo.mutate("chat.remove", { messageId });
    expect((await as.cy.mutate("chat.report", { messageId, reason: "spam" })).status).toBe(200);
    expect(await as.bo.mutate("chat.report", { messageId, reason: "spam" })).toMatchObject(
      refused(404, "MESSAGE_NOT_FOUND"),
    );
  });

  it("is settled together with the others about its message, in one transaction with its effect and its audit line", async () => {
    const roomId = await newRoom("cy", "di");
    const messageId = await say("di", roomId, "buy this");
    await as.cy.mutate("chat.report", { messageId, reason: "spam" });
    await as.bo.mutate("chat.report", { messageId, reason: "spam" });
    const { client } = await watchInbox("di", two);
    const followed = await followRoom(client, { roomId });
    const reports = (await openReports("bo")).filter((report: { message: { id: string } }) => report.message.id === messageId);
    expect(reports.length).toBe(2);
    const settle = (who: Name, action: string) =>
      as[who].mutate("moderation.resolve", { reportId: reports[0].id, action, note: "no trade here" });
    expect(await settle("di", "ban")).toMatchObject(refused(404, "REPORT_NOT_FOUND"));
    expect(await settle("cy", "suspend")).toMatchObject(refused(403, "NOT_AN_ADMIN"));
    for (const who of ["cy", "bo"] as const) {
      expect(await settle(who, "ban")).toMatchObject({
        status: 200,
        data: { report: { state: "resolved", resolution: { action: "ban", note: "no trade here", by: "Cy Marchetti" } } },
      });
    }
    expect(await settle("bo", "dismiss")).toMatchObject(refused(409, "REPORT_RESOLVED"));
    await eventually(async () => expect(followed.reasons).toEqual(["BANNED"]));
    expect((await openReports("bo")).map(({ id }: { id: string }) => id)).not.toContain(reports[1].id);
    const { lines } = Object((await as.bo.query("moderation.audit", { roomId })).data);
    expect(lines).toMatchObject([{ action: "room.ban", user: { username: "di" }, why: "no trade here" }]);
    expect(await as.di.query("moderation.audit", {})).toMatchObject(refused(403, "NOT_AN_ADMIN"));
    expect((await as.ada.query("moderation.audit", {})).status).toBe(200);
  });

  it("can take a message away, by an admin who is not in the room", async () => {
    const roomId = await newRoom("cy");
    const messageId = await say("cy", roomId, "unfit");
    await as.bo.mutate("chat.report", { messageId, reason: "hate" });
    const [{ id: reportId }] = await openReports("ada");
    await as.ada.mutate("moderation.resolve", { reportId, action: "remove" });
    const { messages } = Object((await as.bo.query("chat.history", { roomId })).data);
    expect(messages[0]).toMatchObject({ id: messageId, body: "", deletedAtMs: expect.any(Number) });
  });
});

describe("a room that is kept in another way", () => {
  it("says so at once to the pages that have it open, and to a member who is muted", async () => {
    const roomId = await newRoom("di");
    const { client, inbox } = await watchInbox("di", two);
    const followed = await followRoom(client, { roomId });
    for (const change of [
      () => as.bo.mutate("room.update", { roomId, slowModeSec: 10 }),
      () => as.bo.mutate("room.mute", { roomId, userId: idOf.di, forSec: 60 }),
      () => as.bo.mutate("room.archive", { roomId, on: true }),
    ]) {
      const before = inbox.frames.at(-1)?.revision ?? 0;
      await change();
      await eventually(async () => expect(inbox.frames.at(-1)?.revision).toBeGreaterThan(before));
    }
    followed.stop();
    inbox.stop();
  });

  it("is read and not written once archived, and leaves the usual list", async () => {
    const roomId = await newRoom("cy", "di");
    const messageId = await say("di", roomId, "before");
    expect(await as.cy.mutate("room.archive", { roomId, on: true })).toMatchObject(refused(403, "NOT_YOUR_ROOM"));
    for (let n = 0; n < 2; n += 1) {
      expect(await as.bo.mutate("room.archive", { roomId, on: true })).toMatchObject({
        data: { archivedAtMs: expect.any(Number) },
      });
    }
    const archived = refused(409, "ROOM_ARCHIVED");
    expect(await as.bo.mutate("chat.send", { roomId, body: "x", clientMessageId: randomUUID() })).toMatchObject(archived);
    expect(await as.di.mutate("chat.react", { messageId, emoji: "👍", on: true })).toMatchObject(archived);
    expect(await as.di.mutate("chat.remove", { messageId })).toMatchObject(archived);
    expect(await as.bo.mutate("room.update", { roomId, name: "x" })).toMatchObject(archived);
    const ids = async (input?: object) =>
      Object((await as.di.query("room.list", input)).data).rooms.map(({ id }: { id: string }) => id);
    expect(await ids()).not.toContain(roomId);
    expect(await ids({ archived: true })).toContain(roomId);
    expect((await as.di.query("chat.history", { roomId })).status).toBe(200);
    await as.bo.mutate("room.archive", { roomId, on: false });
    expect((await as.di.mutate("chat.react", { messageId, emoji: "👍", on: true })).status).toBe(200);
  });

  it("has one owner at every moment, who passes it on before he leaves", async () => {
    const roomId = await newRoom("cy", "di");
    expect(await as.bo.mutate("room.leave", { roomId })).toMatchObject(refused(409, "OWNER_MUST_PASS_ON"));
    expect(await as.cy.mutate("room.passOn", { roomId, userId: idOf.cy })).toMatchObject(refused(403, "NOT_YOUR_ROOM"));
    for (let n = 0; n < 2; n += 1) {
      expect(await as.bo.mutate("room.passOn", { roomId, userId: idOf.di })).toMatchObject({ data: { role: "moderator" } });
    }
    expect((await as.bo.mutate("room.leave", { roomId })).status).toBe(200);
    await as.di.mutate("room.removeMember", { roomId, userId: idOf.cy });
    expect(await as.di.mutate("room.leave", { roomId })).toMatchObject({
      data: { isMember: false, archivedAtMs: expect.any(Number) },
    });
  });
});

describe("a suspended member", () => {
  it("loses his sessions and streams at once, and signs in again only when it is lifted", async () => {
    const roomId = await newRoom("di");
    const { client } = await watchInbox("di", two);
    const followed = await followRoom(client, { roomId });
    const suspension = { userId: idOf.di, reason: "fraud", forSec: null };
    expect(await as.bo.mutate("user.suspend", suspension)).toMatchObject(refused(403, "NOT_AN_ADMIN"));
    expect(await as.ada.mutate("user.suspend", { ...suspension, userId: idOf.ada })).toMatchObject(
      refused(403, "OUTRANKED"),
    );
    expect((await as.ada.mutate("user.suspend", suspension)).status).toBe(200);
    await eventually(async () => expect(followed.reasons).toEqual(["SESSION_EXPIRED"]));
    expect(await as.di.query("room.list")).toMatchObject(refused(401, "SESSION_EXPIRED"));
    const login = { login: "di", password: "cardinal-demo-1" };
    expect(await two.newClient().mutate("auth.signIn", login)).toMatchObject({
      status: 403,
      error: { reason: "SUSPENDED", sanction: { untilMs: null, why: "fraud" } },
    });
    expect(await two.newClient().mutate("auth.signIn", { ...login, password: "cardinal-demo-2" })).toMatchObject(
      refused(401, "WRONG_CREDENTIALS"),
    );
    await as.ada.mutate("user.unsuspend", { userId: idOf.di });
    await two.signedInClient("di");
  });

  it("has no session that was begun while he was being suspended", async () => {
    const { deps } = one.server.context;
    const [begun] = await Promise.allSettled([
      deps.sessions.create({ userId: idOf.cy, data: { via: "password" } }),
      as.ada.mutate("user.suspend", { userId: idOf.cy, forSec: null }),
    ]);
    const token = begun.status === "fulfilled" ? begun.value.token : "";
    expect(await deps.sessions.verify(token)).toBeNull();
    await expect(deps.sessions.create({ userId: idOf.cy, data: { via: "password" } })).rejects.toMatchObject({
      reason: "SUSPENDED",
    });
  });
});
