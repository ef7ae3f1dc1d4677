import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { openLiveClient, tokenOf } from "./support/live-client.ts";
import type { TestClient } from "./support/test-client.ts";

type Name = "ada" | "bo" | "cy" | "di";

let test: TestServer;
let as: Record<Name, TestClient>;
let idOf: Record<Name, string>;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  const enter = async (name: Name) => await test.signedInClient(name);
  as = { ada: await enter("ada"), bo: await enter("bo"), cy: await enter("cy"), di: await enter("di") };
  const me = async (client: TestClient) => String(Object((await client.query("auth.me")).data).user.id);
  idOf = { ada: await me(as.ada), bo: await me(as.bo), cy: await me(as.cy), di: await me(as.di) };
});
afterAll(() => test[Symbol.asyncDispose]());

const create = async (who: TestClient, input: object) => Object((await who.mutate("room.create", input)).data);
const slugsOf = async (who: TestClient) =>
  Object((await who.query("room.list")).data).rooms.map(({ slug }: { slug: string }) => slug);

describe("a new room", () => {
  it("belongs to who made it, and has an address of its own", async () => {
    const names = ["Über Café!", "Über Café!", "日本"];
    const rooms = [];
    for (const name of names) {
      rooms.push(await create(as.bo, { name, topic: "a topic" }));
    }
    expect(rooms[0]).toMatchObject({ slug: "ueber-cafe", role: "owner", isMember: true, memberCount: 1, unread: 0 });
    expect(rooms[1]).toMatchObject({ slug: "ueber-cafe-2", name: "Über Café!" });
    expect(rooms[2]?.slug).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(await slugsOf(as.cy)).toContain("ueber-cafe");
  });

  it.each([{ name: "  " }, { name: "x".repeat(61) }, { name: "a\u202Eb" }, { name: "ok", visibility: "secret" }])(
    "is refused for %j",
    async (input) => {
      expect((await as.bo.mutate("room.create", input)).status).toBe(400);
    },
  );

  it("can be renamed by who looks after it, and by nobody else", async () => {
    const room = await create(as.bo, { name: "before" });
    await as.cy.mutate("room.join", { roomId: room.id });
    expect(await as.cy.mutate("room.update", { roomId: room.id, name: "his" })).toMatchObject({
      status: 403,
      error: { reason: "NOT_YOUR_ROOM" },
    });
    const renamed = await as.bo.mutate("room.update", { roomId: room.id, topic: "after" });
    expect(renamed.data).toMatchObject({ name: "before", topic: "after" });
  });
});

describe("a private room", () => {
  it("does not exist for others until they are brought in", async () => {
    const room = await create(as.bo, { name: "Secret plans", visibility: "private" });
    expect(await slugsOf(as.cy)).not.toContain(room.slug);
    for (const [procedure, input] of [
      ["room.join", { roomId: room.id }],
      ["room.invite", { roomId: room.id, userId: idOf.cy }],
      ["chat.send", { roomId: room.id, body: "hello", clientMessageId: randomUUID() }],
    ] as const) {
      expect(await as.cy.mutate(procedure, input)).toMatchObject({ status: 404, error: { reason: "ROOM_NOT_FOUND" } });
    }
    for (let n = 0; n < 2; n += 1) {
      const invited = await as.bo.mutate("room.invite", { roomId: room.id, userId: idOf.cy });
      expect(invited.data).toMatchObject({ memberCount: 2 });
    }
    expect(await slugsOf(as.cy)).toContain(room.slug);
    expect(await as.cy.mutate("room.invite", { roomId: room.id, userId: idOf.di })).toMatchObject({
      status: 403,
      error: { reason: "NOT_YOUR_ROOM" },
    });
    expect(await as.bo.mutate("room.invite", { roomId: room.id, userId: randomUUID() })).toMatchObject({
      status: 404,
      error: { reason: "USER_NOT_FOUND" },
    });
  });
});

describe("those who look after a room", () => {
  it("are made by the owner, and put out whom they may", async () => {
    const room = await create(as.bo, { name: "ranks" });
    for (const name of ["ada", "cy", "di"] as const) {
      await as[name].mutate("room.join", { roomId: room.id });
    }
    const setRole = (who: Name, userId: string, role: string) =>
      as[who].mutate("room.setRole", { roomId: room.id, userId, role });
    const remove = (who: Name, userId: string) => as[who].mutate("room.removeMember", { roomId: room.id, userId });
    expect((await setRole("cy", idOf.di, "moderator")).status).toBe(403);
    expect((await setRole("bo", idOf.cy, "moderator")).status).toBe(200);
    expect((await setRole("bo", idOf.bo, "member")).status).toBe(403);
    expect((await remove("di", idOf.cy)).status).toBe(403);
    expect((await remove("cy", idOf.bo)).status).toBe(403);
    expect((await remove("cy", idOf.cy)).status).toBe(403);
    expect(await remove("cy", idOf.di)).toMatchObject({ status: 200, data: { memberCount: 3 } });
    const members = Object((await as.bo.query("room.members", { roomId: room.id, limit: 2 })).data);
    expect(members).toMatchObject({
      hasMore: true,
      members: [
        { username: "ada", roomRole: "member" },
        { username: "bo", roomRole: "owner" },
      ],
    });
    const rest = Object((await as.bo.query("room.members", { roomId: room.id, after: "bo" })).data);
    expect(rest).toMatchObject({ hasMore: false, members: [{ username: "cy", roomRole: "moderator" }] });
  });

  it("end the stream of whom they put out", async () => {
    const room = await create(as.bo, { name: "out" });
    await as.di.mutate("room.join", { roomId: room.id });
    await using client = openLiveClient(test.url, await tokenOf(test.newClient(), "di"), "websocket");
    const followed = await followRoom(client, { roomId: room.id });
    await as.bo.mutate("room.removeMember", { roomId: room.id, userId: idOf.di });
    await eventually(async () => expect(followed.reasons).toEqual(["NOT_A_MEMBER"]), 20_000);
    followed.stop();
  });
});

describe("a conversation of two", () => {
  it("is one for each pair, whoever begins, also at the same moment", async () => {
    const opened = await Promise.all([
      as.bo.mutate("room.openDirect", { userId: idOf.di }),
      as.di.mutate("room.openDirect", { userId: idOf.bo }),
      as.bo.mutate("room.openDirect", { userId: idOf.di }),
    ]);
    const rooms = opened.map(({ data }) => Object(data));
    expect(new Set(rooms.map(({ id }) => id)).size).toBe(1);
    expect(rooms[0]).toMatchObject({ partner: { username: "di" }, visibility: "private", memberCount: 2 });
    expect(rooms[1]).toMatchObject({ partner: { username: "bo" } });
    const [{ id: roomId, slug }] = rooms as [{ id: string; slug: string }];
    await as.bo.mutate("chat.send", { roomId, body: "just us", clientMessageId: randomUUID() });
    expect(Object((await as.di.query("room.get", { slug })).data)).toMatchObject({ unread: 1 });
    expect(await as.cy.query("room.get", { slug })).toMatchObject({ status: 404 });
    for (const [procedure, input] of [
      ["room.leave", { roomId }],
      ["room.invite", { roomId, userId: idOf.cy }],
      ["room.removeMember", { roomId, userId: idOf.di }],
      ["room.update", { roomId, name: "ours" }],
    ] as const) {
      expect(await as.bo.mutate(procedure, input)).toMatchObject({ status: 409, error: { reason: "DIRECT_ROOM" } });
    }
  });

  it("needs another one", async () => {
    for (const userId of [idOf.bo, randomUUID()]) {
      expect(await as.bo.mutate("room.openDirect", { userId })).toMatchObject({
        status: 404,
        error: { reason: "USER_NOT_FOUND" },
      });
    }
  });
});
