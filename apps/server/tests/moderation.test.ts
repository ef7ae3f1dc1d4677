import { randomUUID } from "node:crypto";
import { messageQueries, roomQueries, sanctionQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { collect, type LiveClient, openLiveClient, tokenOf, type Transport } from "./support/live-client.ts";
import { type ModeratedRooms, type Name, openModeratedRooms } from "./support/moderated-room.ts";
import type { TestAnswer } from "./support/test-client.ts";

let rooms: ModeratedRooms;
let one: TestServer;
let two: TestServer;
let as: ModeratedRooms["as"];
let idOf: ModeratedRooms["idOf"];
let newRoom: ModeratedRooms["newRoom"];
let diToken: string;
const opened: LiveClient[] = [];

beforeAll(async () => {
  rooms = await openModeratedRooms(inject("redisUrl"));
  ({ one, two, as, idOf, newRoom } = rooms);
  diToken = await tokenOf(two.newClient(), "di");
});
afterAll(async () => {
  await Promise.all(opened.map((client) => client.close()));
  await rooms[Symbol.asyncDispose]();
});

const refused = (status: number, reason: string) => ({ status, error: { reason } });
const send = (who: Name, roomId: string, clientMessageId: string = randomUUID()) =>
  as[who].mutate("chat.send", { roomId, body: `from ${who}`, clientMessageId });
const messageOf = (answer: TestAnswer) => Object(answer.data).message;
const say = async (who: Name, roomId: string): Promise<string> => messageOf(await send(who, roomId)).id;

describe("pins", () => {
  it("are events, for those who look after the room, and repeating one makes no second", async () => {
    const roomId = await newRoom("cy", "di");
    const [first, second] = [await say("di", roomId), await say("bo", roomId)];
    expect(await as.di.mutate("chat.pin", { messageId: first, on: true })).toMatchObject(refused(403, "NOT_YOUR_ROOM"));
    for (const messageId of [first, second, first]) {
      await as.cy.mutate("chat.pin", { messageId, on: true });
    }
    const pins = Object((await as.di.query("chat.pins", { roomId })).data).messages;
    expect(pins.map(({ id }: { id: string }) => id)).toEqual([second, first]);
    expect(pins[1]).toMatchObject({ pinnedAtMs: expect.any(Number), pinnedBy: "Cy Marchetti" });
    await as.cy.mutate("chat.pin", { messageId: second, on: false });
    await as.bo.mutate("chat.remove", { messageId: first });
    expect(Object((await as.di.query("chat.pins", { roomId })).data).messages).toEqual([]);
    const head = await one.server.context.db.read((tx) => roomQueries.findHead(tx, roomId));
    expect(head?.headSeq).toBe(6);
  });

  it("are fifty in a room at most", async () => {
    const roomId = await newRoom();
    const nowMs = Date.now();
    const last = await one.server.context.db.write((tx) => {
      const ids = Array.from({ length: 51 }, () => {
        const { message } = messageQueries.appendMessage(tx, { roomId, authorId: idOf.bo, body: "x", nowMs });
        return message.id;
      });
      for (const messageId of ids.slice(0, 50)) {
        messageQueries.pin(tx, { messageId, actorId: idOf.bo, on: true, nowMs });
      }
      return ids[50]!;
    });
    expect(await as.bo.mutate("chat.pin", { messageId: last, on: true })).toMatchObject(refused(409, "TOO_MANY_PINS"));
  });
});

describe("slow mode", () => {
  it("holds plain members apart exactly, over two processes, and answers what was stored all the same", async () => {
    const roomId = await newRoom("cy", "di");
    await as.cy.mutate("room.update", { roomId, slowModeSec: 30 });
    expect(await as.bo.mutate("room.update", { roomId, slowModeSec: 7 })).toMatchObject({ status: 400 });
    const onTwo = await two.signedInClient("di");
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const answers = await Promise.all(
      ids.map((clientMessageId, index) =>
        (index % 2 === 0 ? as.di : onTwo).mutate("chat.send", { roomId, body: "me first", clientMessageId }),
      ),
    );
    const stored = answers.findIndex(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer).toMatchObject(refused(429, "SLOW_MODE"));
      const { retryAfterMs } = Object(answer.error?.["rateLimit"]);
      expect(retryAfterMs).toBeGreaterThan(20_000);
      expect(retryAfterMs).toBeLessThanOrEqual(30_000);
      expect(answer.headers.get("retry-after")).toBe(String(Math.ceil(retryAfterMs / 1_000)));
    }
    // The answer was lost: the same id is no second message, however slow the room.
    expect(await onTwo.mutate("chat.send", { roomId, body: "me first", clientMessageId: ids[stored] })).toMatchObject({
      status: 200,
    });
    // Neither leaving nor deleting shortens the wait.
    await as.di.mutate("chat.remove", { messageId: messageOf(answers[stored]!).id });
    await as.di.mutate("room.leave", { roomId });
    await as.di.mutate("room.join", { roomId });
    expect(await send("di", roomId)).toMatchObject(refused(429, "SLOW_MODE"));
    for (const who of ["bo", "cy", "bo"] as const) {
      expect((await send(who, roomId)).status).toBe(200);
    }
  });
});

describe("a muted member", () => {
  it("reads, and neither sends, edits, reacts nor types until it ends or is lifted", async () => {
    const roomId = await newRoom("cy", "di");
    const [own, other] = [await say("di", roomId), await say("bo", roomId)];
    const mute = { roomId, userId: idOf.di, forSec: 600, reason: "calm down" };
    await as.cy.mutate("room.mute", mute);
    const standing = async () => Object((await as.di.query("room.list")).data).rooms.find(
      ({ id }: { id: string }) => id === roomId,
    ).mute;
    const { untilMs, why } = await standing();
    expect(why).toBe("calm down");
    expect(Math.abs(untilMs - Date.now() - 600_000)).toBeLessThan(60_000);
    // Its answer was lost, and it is asked for again.
    await as.cy.mutate("room.mute", mute);
    expect((await standing()).untilMs).toBe(untilMs);
    for (const [procedure, input] of [
      ["chat.send", { roomId, body: "but", clientMessageId: randomUUID() }],
      ["chat.edit", { messageId: own, body: "but" }],
      ["chat.react", { messageId: other, emoji: "👍", on: true }],
      ["chat.setTyping", { roomId, isTyping: true }],
    ] as const) {
      const answer = await as.di.mutate(procedure, input);
      expect(answer).toMatchObject({ status: 403, error: { reason: "MUTED", sanction: { untilMs, why } } });
    }
    expect((await as.di.query("chat.history", { roomId })).status).toBe(200);
    await as.cy.mutate("room.unmute", { roomId, userId: idOf.di });
    expect((await send("di", roomId)).status).toBe(200);
    const ended = { userId: idOf.di, roomId, kind: "mute", reason: "", issuedBy: idOf.bo } as const;
    await one.server.context.db.write((tx) =>
      sanctionQueries.impose(tx, { ...ended, expiresAtMs: Date.now() - 1, nowMs: Date.now() - 60_000 }),
    );
    expect((await send("di", roomId)).status).toBe(200);
  });
});

describe("those who look after a room", () => {
  it("act on those below them only", async () => {
    const roomId = await newRoom("ada", "cy", "di");
    const act = (who: Name, procedure: string, whom: Name) =>
      as[who].mutate(procedure, { roomId, userId: idOf[whom], forSec: null });
    expect(await act("di", "room.mute", "cy")).toMatchObject(refused(403, "NOT_YOUR_ROOM"));
    expect(await act("cy", "room.mute", "bo")).toMatchObject(refused(403, "OUTRANKED"));
    expect(await act("cy", "room.ban", "cy")).toMatchObject(refused(403, "OUTRANKED"));
    expect(await act("cy", "room.ban", "ada")).toMatchObject(refused(403, "OUTRANKED"));
    expect(await act("ada", "room.ban", "bo")).toMatchObject(refused(403, "OUTRANKED"));
    expect((await act("ada", "room.mute", "cy")).status).toBe(200);
    expect((await act("bo", "room.ban", "ada")).status).toBe(200);
  });

  it("keep out whom they banned, until the ban ends or is lifted", async () => {
    const roomId = await newRoom("cy", "di");
    await as.cy.mutate("room.ban", { roomId, userId: idOf.di, forSec: 3_600, reason: "spam" });
    const banned = { status: 403, error: { reason: "BANNED", sanction: { why: "spam" } } };
    expect(await as.di.mutate("room.join", { roomId })).toMatchObject(banned);
    expect(await as.bo.mutate("room.invite", { roomId, userId: idOf.di })).toMatchObject(banned);
    expect(await as.di.query("chat.history", { roomId })).toMatchObject(refused(403, "NOT_A_MEMBER"));
    expect(await as.bo.query("room.bans", { roomId })).toMatchObject({
      data: { bans: [{ user: { username: "di" }, why: "spam", untilMs: expect.any(Number) }] },
    });
    expect(await as.di.query("room.bans", { roomId })).toMatchObject(refused(403, "NOT_A_MEMBER"));
    await as.cy.mutate("room.unban", { roomId, userId: idOf.di });
    expect((await as.di.mutate("room.join", { roomId })).status).toBe(200);
    const { lines } = Object((await as.cy.query("moderation.audit", { roomId })).data);
    expect(lines.map(({ action }: { action: string }) => action)).toEqual(["room.unban", "room.ban"]);
    expect(lines[1]).toMatchObject({ actor: { username: "cy" }, user: { username: "di" }, why: "spam", forSec: 3_600 });
  });
});

const open = (server: TestServer, transport: Transport, token = diToken) => {
  const client = openLiveClient(server.url, token, transport);
  opened.push(client);
  return client;
};

describe.each(["websocket", "sse"] as const)("whoever is put out, over %s to another process", (transport) => {
  it("loses the room's streams at once", async () => {
    for (const [procedure, reason] of [
      ["room.removeMember", "NOT_A_MEMBER"],
      ["room.ban", "BANNED"],
    ] as const) {
      const roomId = await newRoom("cy", "di");
      const client = open(two, transport);
      const events = await followRoom(client, { roomId });
      const presence = collect((handlers) => client.api.presence.onChange.subscribe({ room: roomId }, handlers));
      await presence.started;
      const input = { roomId, userId: idOf.di, ...(procedure === "room.ban" && { forSec: null }) };
      await as.cy.mutate(procedure, input);
      await eventually(async () => expect([...events.reasons, ...presence.reasons]).toEqual([reason, reason]));
      await eventually(async () => expect(await two.server.context.deps.live.presence.count(roomId)).toMatchObject({ users: 0 }));
      presence.stop();
      events.stop();
    }
  });
});

it("loses them within seconds also when the control message is lost", async () => {
  const roomId = await newRoom("di");
  const client = open(one, "websocket");
  const events = await followRoom(client, { roomId });
  const presence = collect((handlers) => client.api.presence.onChange.subscribe({ room: roomId }, handlers));
  await presence.started;
  // As a process that dies between COMMIT and PUBLISH.
  await two.server.context.db.write((tx) => roomQueries.leave(tx, { roomId, userId: idOf.di }));
  const lost = ["NOT_A_MEMBER", "NOT_A_MEMBER"];
  await eventually(async () => expect([...events.reasons, ...presence.reasons]).toEqual(lost), 18_000);
  expect(one.server.context.deps.live.counts().watchedMembers).toBe(0);
});

it("an old control message ends nobody's stream who is a member", async () => {
  const roomId = await newRoom("di");
  const events = await followRoom(open(two, "websocket"), { roomId });
  await one.server.context.deps.doorbells.control().publish({ about: "member", roomId, userId: idOf.di });
  const id = await say("bo", roomId);
  await eventually(async () => expect(events.events().at(-1)?.message.id).toBe(id));
  expect(events.reasons).toEqual([]);
  events.stop();
});
