import { randomUUID } from "node:crypto";
import type { FeedFrame } from "@cardinal/api/feed-frame";
import type { ChatOnEventFrame, FeedTopicInput } from "@cardinal/api/schemas";
import { rateLimitPolicies } from "@cardinal/api";
import { sendMessage } from "@cardinal/api/use-cases";
import { afterAll, afterEach, beforeAll, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { type FeedRequestInit, type OpenFeed, openFeed } from "./support/feed-client.ts";
import { tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";

const FEEDS = 30;
const TOPICS = 60;

let test: TestServer;
let roomId: string;
let boId: string;
let token: string;
const opened: OpenFeed[] = [];

beforeAll(async () => {
  const member = (limit: number) => ({ minute: { limit, window: "1m" as const } });
  test = await createTestServer({
    redisUrl: inject("redisUrl"),
    overrides: {
      deps: {
        policies: {
          ...rateLimitPolicies,
          feed: { ...rateLimitPolicies.feed, member: member(FEEDS) },
          subscribe: { ...rateLimitPolicies.subscribe, member: member(TOPICS) },
        },
      },
    },
  });
  const bo = await test.signedInClient("bo");
  roomId = await roomIdOf(bo, "general");
  boId = String(Object((await bo.query("auth.me")).data).user.id);
  token = await tokenOf(test.newClient(), "bo");
});
afterEach(() => {
  for (const feed of opened.splice(0)) {
    feed.close();
  }
});
afterAll(() => test[Symbol.asyncDispose]());

const bearer = (secret = token) => ({ headers: { authorization: `Bearer ${secret}` } });

function open(topics: FeedTopicInput[], init: FeedRequestInit = bearer()): OpenFeed {
  const feed = openFeed(test.url, topics, init);
  opened.push(feed);
  return feed;
}

const chat = (key = "chat", lastEventId?: string): FeedTopicInput => ({
  key,
  path: "chat.onEvent",
  input: { roomId },
  ...(lastEventId === undefined ? {} : { lastEventId }),
});
const board: FeedTopicInput = { key: "board", path: "leaderboard.onChange", input: { board: "quiz", period: "all" } };
const site: FeedTopicInput = { key: "site", path: "presence.onChange", input: { room: "site" } };

async function say(body: string): Promise<void> {
  const message = { roomId, authorId: boId, body, clientMessageId: randomUUID() };
  await sendMessage(test.server.context.deps, message);
}

const bodies = (feed: OpenFeed, key = "chat") =>
  feed
    .dataOf<ChatOnEventFrame>(key)
    .flatMap((frame) => (frame.kind === "batch" ? frame.events.map(({ message }) => message.body) : []));
const errorOf = (feed: OpenFeed, key: string) =>
  feed.framesOf(key).flatMap((frame) => ("error" in frame ? [frame.error.data] : []))[0];
const isReady = (feed: OpenFeed, key = "chat") =>
  eventually(async () => {
    expect(feed.dataOf<ChatOnEventFrame>(key).map(({ kind }) => kind)).toContain("ready");
  });
const counts = () => test.server.context.deps.live.counts();

it("carries many topics in one stream, of which a refused one ends alone", async () => {
  const feed = open([
    chat(),
    site,
    board,
    { key: "stranger", path: "chat.onEvent", input: { roomId: "01900000-0000-7000-8000-000000000001" } },
    { key: "wrong", path: "chat.onEvent", input: { room: 7 } },
    { key: "none", path: "chat.explode" },
    { key: "query", path: "room.list" },
    { key: "itself", path: "live.feed", input: { topics: [chat()] } },
  ]);
  await isReady(feed);
  await say("over the feed");
  await eventually(async () => {
    expect(bodies(feed)).toEqual(["over the feed"]);
    expect(feed.dataOf("site")).toHaveLength(1);
    expect(feed.dataOf("board")).toHaveLength(1);
    expect(errorOf(feed, "stranger")).toMatchObject({ reason: "ROOM_NOT_FOUND", path: "chat.onEvent" });
    expect(errorOf(feed, "wrong")).toMatchObject({ code: "BAD_REQUEST", reason: "INVALID_INPUT" });
    for (const key of ["none", "query", "itself"]) {
      expect(errorOf(feed, key)).toMatchObject({ reason: "PROCEDURE_NOT_FOUND" });
    }
  });
  expect(counts()).toMatchObject({ sseStreams: 1, streams: 4 });
});

it("resumes each topic from its own last frame", async () => {
  const first = open([chat()]);
  await isReady(first);
  await say("seen");
  await eventually(async () => expect(bodies(first)).toEqual(["seen"]));
  const lastId = first.frames.flatMap((frame: FeedFrame) => ("id" in frame ? [frame.id] : [])).at(-1);
  first.close();
  await say("missed 1");
  await say("missed 2");
  const second = open([chat("resumed", lastId), chat("fresh")]);
  await isReady(second, "resumed");
  await isReady(second, "fresh");
  expect(bodies(second, "resumed")).toEqual(["missed 1", "missed 2"]);
  expect(bodies(second, "fresh")).toEqual([]);
});

it("releases everything when its client goes, or its server sends it away", async () => {
  for (let round = 0; round < 10; round += 1) {
    const feed = open([chat(), chat("again"), site, board]);
    if (round % 2 === 0) {
      await isReady(feed);
    }
    feed.close();
  }
  await eventually(async () => {
    expect(counts()).toMatchObject({ streams: 0, sseStreams: 0, holds: 0, watchedSessions: 0 });
  });
  const feed = open([chat(), board]);
  await isReady(feed);
  await test.server.context.deps.live.drain(10);
  await feed.over;
  // Without a word, so that its client comes back.
  expect(feed.events.map(({ event }) => event)).toEqual(["connected"]);
  await eventually(async () => expect(counts()).toMatchObject({ streams: 0, holds: 0 }));
});

it("is another member's for nobody, and a foreign page's neither", async () => {
  const strange = open([chat()], { ...bearer(), memberId: "somebody-else" });
  await strange.over;
  expect(strange.events.at(-1)).toMatchObject({ event: "serialized-error", data: { data: { reason: "SESSION_EXPIRED" } } });
  expect(strange.frames).toEqual([]);
  const own = open([chat()], { ...bearer(), memberId: boId });
  await isReady(own);

  const bo = await test.signedInClient("bo");
  const cookie = [...bo.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const foreign = open([chat()], { headers: { cookie, origin: "https://evil.example" } });
  await foreign.over;
  expect(JSON.stringify(foreign.events)).toContain("ORIGIN_REFUSED");
  const origin = test.server.context.config.api.allowedOrigins[0] ?? "";
  await isReady(open([chat()], { headers: { cookie, origin } }));
});

it("ends a member's topics with his session, and leaves what everybody may see", async () => {
  const secret = await tokenOf(test.newClient(), "cy");
  const feed = open([chat(), board], bearer(secret));
  await isReady(feed);
  const answer = await test.newClient().mutate("auth.signOut", undefined, bearer(secret));
  expect(answer.status).toBe(200);
  await eventually(async () => expect(errorOf(feed, "chat")).toMatchObject({ reason: "SESSION_EXPIRED" }));
  expect(errorOf(feed, "board")).toBeUndefined();
  expect(counts().sseStreams).toBe(1);
});

it("counts a topic once a minute however often the feed is reopened, and the feed each time", async () => {
  const secret = await tokenOf(test.newClient(), "di");
  const topics = Array.from({ length: TOPICS }, (_, index) => ({
    ...chat(`room ${index}`),
    input: { roomId, cursor: `other.${index}` },
  }));
  const startedOf = (feed: OpenFeed) => feed.frames.filter((frame) => "started" in frame).length;
  const first = open(topics, bearer(secret));
  await eventually(async () => expect(startedOf(first)).toBe(TOPICS));
  first.close();
  // What was opened within the minute is free; what is new is one too many.
  const again = open([...topics, chat()], bearer(secret));
  await eventually(async () => expect(startedOf(again)).toBe(TOPICS));
  await eventually(async () => expect(errorOf(again, "chat")).toMatchObject({ reason: "RATE_LIMITED" }));
  again.close();
  let refused: OpenFeed | undefined;
  for (let count = 2; count <= FEEDS; count += 1) {
    const feed = open(topics.slice(0, 1), bearer(secret));
    await eventually(async () => expect(feed.frames.length + feed.events.length).toBeGreaterThan(1));
    feed.close();
    refused = feed;
  }
  expect(refused?.events.at(-1)).toMatchObject({
    event: "serialized-error",
    data: { data: { reason: "RATE_LIMITED", rateLimit: { policy: "feed:member-minute" } } },
  });
});
