import { randomUUID } from "node:crypto";
import { messageQueries, roomQueries, sessionQueries, userQueries } from "@cardinal/db";
import { ringRoom } from "@cardinal/api/use-cases";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { type LiveClient, openLiveClient, tokenOf, type Transport } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let one: TestServer;
let two: TestServer;
let ada: TestClient;
let roomId: string;
let boToken: string;
const opened: LiveClient[] = [];

beforeAll(async () => {
  one = await createTestServer({ redisUrl: inject("redisUrl") });
  two = await createTestServer({ redisUrl: inject("redisUrl"), besides: one });
  ada = await one.signedInClient("ada");
  roomId = await roomIdOf(ada, "general");
  boToken = await tokenOf(one.newClient(), "bo");
});
afterAll(async () => {
  await Promise.all(opened.map((client) => client.close()));
  await two[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
});

const open = (server: TestServer, transport: Transport, token = boToken) => {
  const client = openLiveClient(server.url, token, transport);
  opened.push(client);
  return client;
};
const say = async (body: string): Promise<number> => {
  const { data } = await ada.mutate("chat.send", { roomId, body, clientMessageId: randomUUID() });
  return Number(Object(data).seq);
};
/** As a process that dies between COMMIT and PUBLISH: the event is in the log and nobody rang. */
const sayUnheard = (body: string, room = roomId) =>
  one.server.context.db.write((tx) => {
    const author = userQueries.findByUsername(tx, "ada");
    return messageQueries.appendMessage(tx, {
      roomId: room,
      authorId: author?.id ?? "",
      body,
      nowMs: Date.now(),
    }).seq;
  });
const head = () => one.server.context.db.read((tx) => roomQueries.findHead(tx, roomId)!);

describe.each(["websocket", "sse"] as const)("chat over %s", (transport) => {
  it("brings a message sent through one process to a client of another", async () => {
    const room = await followRoom(open(two, transport), { roomId });
    const seq = await say(`hello by ${transport}`);
    await eventually(async () => {
      expect(room.events().at(-1)).toMatchObject({
        seq,
        kind: "message",
        message: { body: `hello by ${transport}`, author: { username: "ada" } },
      });
    });
    room.stop();
  });

  it("replays everything after a cursor, then says ready, then goes on", async () => {
    const { epoch, headSeq } = await head();
    const missed = [await say("missed 1"), await say("missed 2"), await say("missed 3")];
    const room = await followRoom(open(two, transport), { roomId, cursor: `${epoch}.${headSeq}` });
    expect(room.seqs()).toEqual(missed);
    expect(room.frames.at(-1)).toEqual({ kind: "ready", head: missed[2], epoch });
    expect(room.ids.at(-1)).toBe(`${epoch}.${missed[2]}`);
    const next = await say("after");
    await eventually(async () => expect(room.seqs()).toEqual([...missed, next]));
    room.stop();
  });

  it("asks for a reset where a replay is impossible", async () => {
    const { epoch, headSeq } = await head();
    const client = open(two, transport);
    for (const cursor of [`other.${headSeq}`, `${epoch}.${headSeq + 1_000}`]) {
      const room = await followRoom(client, { roomId, cursor });
      expect(room.frames[0]).toEqual({ kind: "reset", head: headSeq, epoch });
      room.stop();
    }
  });

  it("refuses malformed cursors, strangers and dead sessions, each with its reason", async () => {
    const client = open(two, transport);
    for (const [input, reason] of [
      [{ roomId, cursor: "nonsense" }, "MALFORMED_CURSOR"],
      [{ roomId, cursor: "a.b.c" }, "MALFORMED_CURSOR"],
      [{ roomId: randomUUID() }, "ROOM_NOT_FOUND"],
    ] as const) {
      const { reasons } = await followRoom(client, input);
      expect({ input, reasons }).toEqual({ input, reasons: [reason] });
    }
    const di = open(two, transport, await tokenOf(one.newClient(), "di"));
    expect((await followRoom(di, { roomId: await roomIdOf(ada, "redis") })).reasons).toEqual(["NOT_A_MEMBER"]);
  });

  it("ends with the session: revoked, the stream is cut at once", async () => {
    const owner = one.newClient();
    const token = await tokenOf(owner, "cy");
    const room = await followRoom(open(two, transport, token), { roomId });
    await one.server.context.deps.sessions.revoke(token);
    await eventually(async () => expect(room.reasons).toEqual(["SESSION_EXPIRED"]), 5_000);
  });

});

describe("a check every few seconds", () => {
  it("delivers an event whose doorbell was lost within 6 s, to a stream that stays open", async () => {
    const room = await followRoom(open(two, "websocket"), { roomId });
    const seq = await sayUnheard("nobody rang");
    await eventually(async () => expect(room.seqs()).toEqual([seq]), 6_500);
    expect(room.frames.filter(({ kind }) => kind === "ready")).toHaveLength(1);
    room.stop();
  });

  it("ends with a session revoked behind Redis' back, within a check", async () => {
    const token = await tokenOf(one.newClient(), "cy");
    const session = await one.server.context.deps.sessions.verify(token);
    const room = await followRoom(open(two, "sse", token), { roomId });
    await one.server.context.db.write((tx) => sessionQueries.revoke(tx, session?.id ?? "", Date.now()));
    await eventually(async () => expect(room.reasons).toEqual(["SESSION_EXPIRED"]), 6_000);
  });

  it("ends with the membership, within a check", async () => {
    const di = one.newClient();
    await di.signIn("di");
    const redisRoom = await roomIdOf(di, "redis");
    await di.mutate("room.join", { roomId: redisRoom });
    const room = await followRoom(open(two, "sse", await tokenOf(one.newClient(), "di")), {
      roomId: redisRoom,
    });
    await di.mutate("room.leave", { roomId: redisRoom });
    await eventually(async () => expect(room.reasons).toEqual(["NOT_A_MEMBER"]), 7_000);
  });
});

it("keeps order and loses nothing while 200 messages come through two processes", async () => {
  const room = await followRoom(open(two, "websocket"), { roomId });
  const { headSeq } = await head();
  const send = (server: TestServer, body: string) =>
    server.server.context.db.write((tx) => {
      const author = userQueries.findByUsername(tx, "ada");
      return messageQueries.appendMessage(tx, { roomId, authorId: author?.id ?? "", body, nowMs: Date.now() });
    });
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const server = index % 2 === 0 ? one : two;
      const { message, seq } = await send(server, `m${index}`);
      // Every fifth doorbell is lost, every seventh rings twice.
      for (let ring = index % 5 === 0 ? 0 : index % 7 === 0 ? 2 : 1; ring > 0; ring -= 1) {
        ringRoom(server.server.context.deps, {
          seq,
          kind: "message",
          atMs: message.createdAtMs,
          message: { ...message, seq: message.lastSeq },
        });
      }
    }),
  );
  const expected = Array.from({ length: 200 }, (_, index) => headSeq + 1 + index);
  await eventually(async () => expect(room.seqs()).toEqual(expected));
  room.stop();
});
