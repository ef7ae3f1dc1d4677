import { randomUUID } from "node:crypto";
import { outboxQueries, userQueries } from "@cardinal/db";
import type { CounterOnChangeFrame, JobOnProgressFrame, LeaderboardOnChangeFrame, PresenceOnChangeFrame } from "@cardinal/api/schemas";
import { progressPublisher } from "@cardinal/jobs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { collect, openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";

let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  const overrides = { deps: { live: { presence: { grace: 300 } } } };
  one = await createTestServer({ redisUrl: inject("redisUrl"), overrides });
  two = await createTestServer({ redisUrl: inject("redisUrl"), besides: one, overrides });
});
afterAll(async () => {
  await two[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
});

/** Who is present by a stream's frames. */
function present(frames: readonly PresenceOnChangeFrame[]): string[] {
  const users = new Map<string, string>();
  for (const frame of frames) {
    if (frame.kind === "snapshot") {
      users.clear();
      frame.users.forEach(({ user }) => users.set(user.id, user.username));
    } else {
      [...frame.joins, ...frame.updates].forEach(({ user }) => users.set(user.id, user.username));
      frame.leaves.forEach((id) => users.delete(id));
    }
  }
  return [...users.values()].toSorted();
}

describe("presence", () => {
  it("shows what a page says of its member, whichever process hears it, and the liveliest of his pages", async () => {
    const ada = openLiveClient(one.url, await tokenOf(one.newClient(), "ada"), "websocket");
    const bo = await two.signedInClient("bo");
    const boToken = await tokenOf(two.newClient(), "bo");
    const pages = [randomUUID(), randomUUID()] as const;
    const tabs = pages.map(() => openLiveClient(one.url, boToken, "websocket"));
    const room = "site";
    const watching = collect<PresenceOnChangeFrame>((handlers) =>
      ada.api.presence.onChange.subscribe({ room }, handlers),
    );
    const opened = tabs.map((tab, index) =>
      collect<PresenceOnChangeFrame>((handlers) =>
        tab.api.presence.onChange.subscribe({ room, page: pages[index] ?? "" }, handlers),
      ),
    );
    await Promise.all([watching, ...opened].map(({ started }) => started));
    const stateOfBo = () => {
      let state: string | undefined;
      for (const frame of watching.frames) {
        const users = frame.kind === "snapshot" ? frame.users : [...frame.joins, ...frame.updates];
        state = users.find(({ user }) => user.username === "bo")?.state ?? state;
      }
      return state;
    };
    await eventually(async () => expect(stateOfBo()).toBe("active"));
    const say = (page: string, state: string) => bo.mutate("presence.setState", { page, state });
    await say(pages[0], "away");
    await say(pages[1], "idle");
    await eventually(async () => expect(stateOfBo()).toBe("idle"));
    await say(pages[1], "away");
    await eventually(async () => expect(stateOfBo()).toBe("away"));
    // Another member's word of the page changes nothing.
    const cy = await two.signedInClient("cy");
    await cy.mutate("presence.setState", { page: pages[0], state: "active" });
    await say(pages[0], "idle");
    await eventually(async () => expect(stateOfBo()).toBe("idle"));
    [watching, ...opened].forEach(({ stop }) => stop());
    await Promise.all([ada, ...tabs].map((client) => client.close()));
  });

  it("is being subscribed: seen by the other process, with one entry for two tabs, gone after the last", async () => {
    const ada = openLiveClient(one.url, await tokenOf(one.newClient(), "ada"), "websocket");
    const boToken = await tokenOf(one.newClient(), "bo");
    const tabs = [openLiveClient(two.url, boToken, "websocket"), openLiveClient(two.url, boToken, "sse")];
    const room = "site";
    const watching = collect<PresenceOnChangeFrame>((handlers) =>
      ada.api.presence.onChange.subscribe({ room }, handlers),
    );
    await watching.started;
    await eventually(async () => expect(present(watching.frames)).toEqual(["ada"]));
    expect(watching.frames[0]).toMatchObject({ kind: "snapshot" });
    const subscriptions = tabs.map((tab) =>
      collect<PresenceOnChangeFrame>((handlers) => tab.api.presence.onChange.subscribe({ room }, handlers)),
    );
    await eventually(async () => {
      const { data } = await (await one.signedInClient("ada")).query("presence.list", { room });
      expect(Object(data).users).toMatchObject([
        { user: { username: "ada" }, connections: 1 },
        { user: { username: "bo" }, connections: 2, state: "active" },
      ]);
    });
    await eventually(async () => expect(present(watching.frames)).toEqual(["ada", "bo"]));
    subscriptions[0]?.stop();
    await eventually(async () => {
      expect(watching.frames.at(-1)).toMatchObject({ kind: "diff", leaves: [], updates: [{ connections: 1 }] });
    });
    subscriptions[1]?.stop();
    await eventually(async () => expect(present(watching.frames)).toEqual(["ada"]));
    const bosJoins = watching.frames.flatMap((frame) => (frame.kind === "diff" ? frame.joins : []));
    expect(bosJoins.filter(({ user }) => user.username === "bo")).toHaveLength(1);
    watching.stop();
    await Promise.all([ada, ...tabs].map((client) => client.close()));
    await eventually(async () => {
      const counts = await one.server.context.deps.live.presence.count(room);
      expect(counts).toEqual({ users: 0, connections: 0 });
    });
  });

  it("of a room is for its members", async () => {
    const bo = await one.signedInClient("bo");
    const redisRoom = await roomIdOf(bo, "redis");
    const di = openLiveClient(one.url, await tokenOf(one.newClient(), "di"), "websocket");
    const refused = collect<PresenceOnChangeFrame>((handlers) =>
      di.api.presence.onChange.subscribe({ room: redisRoom }, handlers),
    );
    await refused.started;
    expect(refused.reasons).toEqual(["NOT_A_MEMBER"]);
    await di.close();
  });
});

describe("a leaderboard", () => {
  it("is shown, and shown again when points change it, whichever process booked them", async () => {
    const visitor = openLiveClient(two.url, await tokenOf(one.newClient(), "cy"), "sse");
    const bo = await one.signedInClient("bo");
    const { data } = await bo.query("leaderboard.list");
    const board = String(Object(data).boards[0].name);
    const watching = collect<LeaderboardOnChangeFrame>((handlers) =>
      visitor.api.leaderboard.onChange.subscribe({ board, period: "all", limit: 50 }, handlers),
    );
    await watching.started;
    const score = () =>
      watching.frames.at(-1)?.entries.find(({ user }) => user.username === "bo")?.score ?? 0;
    const before = score();
    for (let n = 0; n < 5; n += 1) {
      const answer = await bo.mutate("leaderboard.submit", { board, points: 7, operationId: randomUUID() });
      expect(answer.status).toBe(200);
    }
    await eventually(async () => expect(score()).toBe(before + 35));
    expect(watching.frames.length).toBeLessThanOrEqual(5);
    const versions = watching.frames.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    watching.stop();
    await visitor.close();
  });

  it("that does not exist is refused", async () => {
    const visitor = openLiveClient(two.url, await tokenOf(one.newClient(), "cy"), "websocket");
    const refused = collect<LeaderboardOnChangeFrame>((handlers) =>
      visitor.api.leaderboard.onChange.subscribe({ board: "nowhere", period: "all", limit: 5 }, handlers),
    );
    await refused.started;
    expect(refused.reasons).toEqual(["BOARD_NOT_FOUND"]);
    await visitor.close();
  });
});

describe("a job's progress", () => {
  it("is told to its owner until the job is done, and to nobody else", async () => {
    const { context } = one.server;
    const jobId = await context.db.write((tx) => {
      const ownerId = userQueries.findByUsername(tx, "bo")?.id ?? "";
      const { id } = outboxQueries.insert(tx, {
        orderingKey: `test-${randomUUID()}`,
        ownerId,
        queue: "maintenance",
        jobName: "test-job",
        payloadVersion: 1,
        payload: {},
        runAtMs: Date.now() + 3_600_000,
        nowMs: Date.now(),
      });
      return id;
    });
    const bo = openLiveClient(two.url, await tokenOf(one.newClient(), "bo"), "websocket");
    const cy = openLiveClient(two.url, await tokenOf(one.newClient(), "cy"), "websocket");
    const own = collect<JobOnProgressFrame>((handlers) => bo.api.job.onProgress.subscribe({ jobId }, handlers));
    const other = collect<JobOnProgressFrame>((handlers) => cy.api.job.onProgress.subscribe({ jobId }, handlers));
    await Promise.all([own.started, other.started]);
    expect(other.reasons).toEqual(["JOB_NOT_FOUND"]);
    expect(own.frames).toEqual([{ jobId, state: "pending", progress: null, message: null }]);
    const publish = progressPublisher(context.core);
    await eventually(async () => {
      await publish({ jobId, state: "queued", progress: 0.5, message: "half" });
      expect(own.frames.at(-1)).toMatchObject({ progress: 0.5, message: "half" });
    });
    await context.db.write((tx) => outboxQueries.markDone(tx, jobId, { attempts: 1, nowMs: Date.now() }));
    await publish({ jobId, state: "done", progress: 1, message: "done" });
    await eventually(async () => expect(own.isCompleted()).toBe(true));
    expect(own.frames.at(-1)).toMatchObject({ state: "done", progress: 1 });
    await Promise.all([bo.close(), cy.close()]);
  });
});

describe("counters", () => {
  it("show how many have read a post, each member once an hour, in whatever process he reads", async () => {
    const ada = openLiveClient(one.url, await tokenOf(one.newClient(), "ada"), "websocket");
    const slug = String(Object((await one.newClient().query("post.list")).data).posts[0].slug);
    const watching = collect<CounterOnChangeFrame>((handlers) =>
      ada.api.counter.onChange.subscribe({ counter: "post-views", slug }, handlers),
    );
    const here = collect<CounterOnChangeFrame>((handlers) =>
      ada.api.counter.onChange.subscribe({ counter: "visitors-now" }, handlers),
    );
    await Promise.all([watching.started, here.started]);
    const before = watching.frames.at(-1)?.value ?? Number.NaN;
    const visitorsBefore = here.frames.at(-1)?.value ?? Number.NaN;
    const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    const look = async (username: string) => {
      const reader = await two.signedInClient(username);
      const view = { path: `/blog/${slug}`, viewId: randomUUID() };
      await reader.mutate("analytics.track", view, { headers: { "user-agent": userAgent } });
    };
    for (const username of ["bo", "cy", "bo"]) {
      await look(username);
    }
    await eventually(async () => expect(watching.frames.at(-1)?.value).toBe(before + 2));
    await eventually(async () => expect(here.frames.at(-1)?.value).toBe(visitorsBefore + 2));
    const none = collect<CounterOnChangeFrame>((handlers) =>
      ada.api.counter.onChange.subscribe({ counter: "post-views", slug: "no-such-post" }, handlers),
    );
    await none.started;
    expect(none.reasons).toEqual(["POST_NOT_FOUND"]);
    await ada.close();
  });

  it("tell of a crowd in a few frames, of which the last is true", async () => {
    const ada = openLiveClient(one.url, await tokenOf(one.newClient(), "ada"), "websocket");
    const { posts } = Object((await one.newClient().query("post.list")).data);
    const slug = String(posts[1].slug);
    const watching = collect<CounterOnChangeFrame>((handlers) =>
      ada.api.counter.onChange.subscribe({ counter: "post-views", slug }, handlers),
    );
    await watching.started;
    const { counters } = two.server.context.deps;
    const startedAt = performance.now();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => counters.countPostView(slug, randomUUID())));
    }
    await eventually(async () => expect(watching.frames.at(-1)?.value).toBe(400));
    const most = 3 + Math.ceil((performance.now() - startedAt) / 250);
    expect(watching.frames.length).toBeLessThanOrEqual(most);
    const versions = watching.frames.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    await ada.close();
  });
});
