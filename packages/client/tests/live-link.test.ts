import { afterEach, beforeEach, expect, it } from "vitest";
import type { ConnectionState } from "../src/live/connection.ts";
import { createCardinalClient } from "../src/index.ts";
import type { CardinalClient } from "../src/index.ts";
import { errorShape, FeedServer } from "./support/feed-server.ts";

const ROOM = "01900000-0000-7000-8000-000000000001";
const OTHER = "01900000-0000-7000-8000-000000000002";
const WITHIN = { timeout: 20_000 };

let server: FeedServer;
let client: CardinalClient;
beforeEach(async () => {
  server = await FeedServer.start();
  client = createCardinalClient({ url: server.url, transport: "sse" });
});
afterEach(() => {
  client.close();
  server.stop();
});

function follow(roomId = ROOM) {
  const ids: string[] = [];
  const errors: string[] = [];
  const ends: string[] = [];
  const { unsubscribe } = client.trpc.chat.onEvent.subscribe(
    { roomId, cursor: "e1.0" },
    {
      onData: ({ id }) => ids.push(id),
      onError: ({ data }) => errors.push(data?.code ?? ""),
      onComplete: () => ends.push("complete"),
    },
  );
  return { ids, errors, ends, unsubscribe };
}

const requestCount = () => server.requests.length;
const request = (number: number) => {
  const found = server.requests[number - 1];
  if (!found) throw new Error(`no request ${number} yet`);
  return found;
};

it("moves to SSE where no WebSocket opens but the API answers", async () => {
  server.answer = (asked) => asked.open().ready(ROOM, "e1.1");
  client.close();
  client = createCardinalClient({ url: server.url, token: "secret" });
  const states: ConnectionState[] = [];
  client.connection.subscribe(() => states.push(client.connection.state));
  const { ids } = follow();
  await expect.poll(() => ids, WITHIN).toEqual(["e1.1"]);
  expect(client.connection.snapshot).toMatchObject({ state: "live", transport: "sse" });
  expect(server.upgrades).toBeGreaterThanOrEqual(2);
  expect(request(1).authorization).toBe("Bearer secret");
  client.close();
  expect(states.at(-1)).toBe("closed");
});

it("resumes from the last event after a cut, an answer of 502 and a refusal that passes", async () => {
  server.answer = (asked, number) => {
    if (number === 1) {
      asked.open().ready(ROOM, "e1.7");
      setImmediate(() => asked.cut());
    } else if (number === 2) asked.refuse(502);
    else if (number === 3) asked.accept().event("serialized-error", errorShape("SERVICE_UNAVAILABLE", 503));
    else asked.open().ready(ROOM, "e1.8");
  };
  const { ids } = follow();
  await expect.poll(() => ids, WITHIN).toEqual(["e1.7", "e1.8"]);
  expect(server.requests.map(({ cursors }) => cursors[ROOM])).toEqual([null, "e1.7", "e1.7", "e1.7"]);
  expect(client.connection.state).toBe("live");
});

it("ends a topic that is refused, asks no more for it, and lets the others go on", async () => {
  server.answer = (asked) => {
    asked.open().ready(ROOM, "e1.1");
    asked.send({ key: asked.keyOf(OTHER), error: errorShape("FORBIDDEN", 403) });
    setTimeout(() => asked.ready(ROOM, "e1.2"), 10);
  };
  const [followed, refused] = [follow(ROOM), follow(OTHER)];
  await expect.poll(() => [followed.ids, refused.errors], WITHIN).toEqual([["e1.1", "e1.2"], ["FORBIDDEN"]]);
  expect(client.connection.state).toBe("live");
  expect(requestCount()).toBe(1);
});

it("ends every topic of a feed that is refused, and does not ask again", async () => {
  server.answer = (asked) => asked.accept().event("serialized-error", errorShape("FORBIDDEN", 403));
  const { errors } = follow();
  await expect.poll(() => errors, WITHIN).toEqual(["FORBIDDEN"]);
  expect(client.connection.state).toBe("idle");
  expect(requestCount()).toBe(1);
});

it("opens nothing before the first subscription, and reopens at once when told to", async () => {
  server.answer = (asked, number) => asked.open().ready(ROOM, `e1.${number}`);
  expect(client.connection.state).toBe("idle");
  const { ids } = follow();
  await expect.poll(() => ids, WITHIN).toEqual(["e1.1"]);
  // As after signing in: the same subscription over a new connection.
  client.restart();
  await expect.poll(() => ids, WITHIN).toEqual(["e1.1", "e1.2"]);
  expect(request(1).isClosed).toBe(true);
});

it("carries all subscriptions in one response, and moves them to the next without a gap or a repeat", async () => {
  server.answer = () => undefined;
  const first = follow(ROOM);
  await expect.poll(requestCount, WITHIN).toBe(1);
  request(1).open().ready(ROOM, "e1.1");
  await expect.poll(() => first.ids, WITHIN).toEqual(["e1.1"]);

  const second = follow(OTHER);
  await expect.poll(requestCount, WITHIN).toBe(2);
  expect(request(2).cursors).toMatchObject({ [ROOM]: "e1.1", [OTHER]: null });
  // Said on the old one after the new one was asked for: the new one says it again, perhaps cut differently.
  request(1).ready(ROOM, "e1.2");
  request(2).open().ready(ROOM, "e1.3").ready(OTHER, "e2.1");
  await expect.poll(() => [first.ids, second.ids], WITHIN).toEqual([["e1.1", "e1.3"], ["e2.1"]]);
  await expect.poll(() => request(1).isClosed, WITHIN).toBe(true);
  expect(client.connection.state).toBe("live");

  second.unsubscribe();
  await expect.poll(requestCount, WITHIN).toBe(3);
  expect(Object.keys(request(3).cursors)).not.toContain(OTHER);
});

it("stays on the response it has when the next one is refused, and asks again when it may", async () => {
  server.answer = (asked, number) => {
    if (number === 2) asked.accept().event("serialized-error", errorShape("TOO_MANY_REQUESTS", 429, { rateLimit: { retryAfterMs: 300 } }));
    else if (number === 3) asked.refuse(503, { "retry-after": "0" });
    else asked.open();
  };
  const first = follow(ROOM);
  await expect.poll(requestCount, WITHIN).toBe(1);
  request(1).ready(ROOM, "e1.1");
  await expect.poll(() => first.ids, WITHIN).toEqual(["e1.1"]);
  const second = follow(OTHER);
  await expect.poll(requestCount, WITHIN).toBe(2);
  request(1).ready(ROOM, "e1.2");
  await expect.poll(requestCount, WITHIN).toBe(4);
  expect(request(4).cursors).toEqual({ [ROOM]: "e1.2", [OTHER]: null });
  expect(first.ids).toEqual(["e1.1", "e1.2"]);
  request(4).ready(OTHER, "e2.1");
  await expect.poll(() => second.ids, WITHIN).toEqual(["e2.1"]);
  expect([first.errors, second.errors]).toEqual([[], []]);
});

it("completes every subscription when it is closed", async () => {
  const { ends } = follow();
  await expect.poll(() => client.connection.state, WITHIN).toBe("live");
  client.close();
  expect(ends).toEqual(["complete"]);
  await expect.poll(() => request(1).isClosed, WITHIN).toBe(true);
});

it("shares one response between tabs of one member, and none between members", async () => {
  server.answer = (asked) => {
    asked.open();
    for (const [roomId, cursor] of Object.entries(asked.cursors)) if (cursor === null) asked.ready(roomId, "e1.1");
  };
  let member = "ada";
  const open = (name: () => string | null) =>
    createCardinalClient({ url: server.url, transport: "sse", tabs: { member: name } });
  using first = open(() => member);
  using second = open(() => "ada");
  using third = open(() => "bo");
  using visitor = open(() => null);
  const ids = [first, second, third, visitor].map((tab, index) => {
    const seen: string[] = [];
    const roomId = `01900000-0000-7000-8000-00000000001${index}`;
    tab.trpc.chat.onEvent.subscribe({ roomId }, { onData: ({ id }) => seen.push(id) });
    return seen;
  });
  await expect.poll(() => ids.map(({ length }) => length), WITHIN).toEqual([1, 1, 1, 1]);
  const openNow = () => server.requests.filter(({ isClosed }) => !isClosed);
  await expect.poll(() => openNow().map(({ memberId }) => memberId ?? "").toSorted(), WITHIN).toEqual(["", "ada", "bo"]);
  expect([first, second, third, visitor].map(({ connection }) => connection.state)).toEqual(Array(4).fill("live"));
  // Another member signs in, in one of the tabs.
  member = "cy";
  first.restart();
  await expect
    .poll(() => openNow().map(({ memberId, topics }) => `${memberId} ${topics.length}`).toSorted(), WITHIN)
    .toEqual(["ada 1", "bo 1", "cy 1", "undefined 1"]);
});
