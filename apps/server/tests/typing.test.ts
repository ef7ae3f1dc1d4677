import { setTyping } from "@cardinal/api/use-cases";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let here: TestServer;
let there: TestServer;
let bo: TestClient;
let roomId: string;
let userId: string;

beforeAll(async () => {
  here = await createTestServer({ redisUrl: inject("redisUrl") });
  there = await createTestServer({ redisUrl: inject("redisUrl"), besides: here });
  bo = await here.signedInClient("bo");
  roomId = await roomIdOf(bo, "general");
  userId = Object((await bo.query("auth.me")).data).user.id;
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
});

describe.each(["websocket", "sse"] as const)("typing, over %s", (transport) => {
  it("shows in another process, to all but the one who types, until his message comes", async () => {
    await using ada = openLiveClient(there.url, await tokenOf(there.newClient(), "ada"), transport);
    await using own = openLiveClient(here.url, await tokenOf(here.newClient(), "bo"), transport);
    const [room, ownRoom] = [await followRoom(ada, { roomId }), await followRoom(own, { roomId })];
    const typing = (of: typeof room) =>
      of.frames.flatMap((frame) => (frame.kind === "typing" ? [frame.members.map(({ displayName }) => displayName)] : []));
    // The subscription to who types is nobody's to wait for, so it is said until it is heard, past the API's limit.
    await eventually(async () => {
      await setTyping(here.server.context.deps, { roomId, userId, isTyping: false });
      await setTyping(here.server.context.deps, { roomId, userId, isTyping: true });
      expect(typing(room).at(-1)).toEqual([expect.stringMatching(/^Bo/)]);
    });
    await bo.mutate("chat.send", { roomId, body: "there it is", clientMessageId: crypto.randomUUID() });
    await eventually(async () => expect(typing(room).at(-1)).toEqual([]));
    expect(typing(ownRoom).flat()).toEqual([]);
    room.stop();
    ownRoom.stop();
  });
});

it("is refused to who is not in the room", async () => {
  const di = await here.signedInClient("di");
  const input = { roomId: await roomIdOf(di, "redis"), isTyping: true };
  expect(await di.mutate("chat.setTyping", input)).toMatchObject({ status: 403, error: { reason: "NOT_A_MEMBER" } });
});
