import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startRedis } from "@cardinal/dev";
import { describe, expect, inject, test, vi } from "vitest";
import { connectRedis } from "../src/connection/index.ts";
import { createRedisCore } from "../src/core.ts";
import { Misuse } from "../src/errors.ts";
import type { Presence, PresenceEvent } from "../src/presence/index.ts";
import { createTestCore } from "../src/testing/index.ts";

const url = inject("redisUrl");

/** Follows a room: `events` grows as they come; resolves at the first snapshot. */
async function follow<Meta>(presence: Presence<Meta>, room: string, signal: AbortSignal) {
  const events: PresenceEvent<Meta>[] = [];
  const started = Promise.withResolvers<void>();
  void (async () => {
    for await (const event of presence.onChange(room, { signal })) {
      events.push(event);
      started.resolve();
    }
  })();
  await started.promise;
  return events;
}

function told(events: readonly PresenceEvent<unknown>[]): string[] {
  return events.map((event) => (event.type === "snapshot" ? "snapshot" : `${event.type} ${event.userId}`));
}

/** A process of its own with one connection per user, joined when this resolves. */
async function forkWorker(prefix: string, room: string, leaseMs: number, users: string[]): Promise<ChildProcess> {
  const file = join(import.meta.dirname, "support/presence-worker.ts");
  const child = fork(file, [url], { execArgv: [], serialization: "advanced" });
  await once(child, "message");
  const orders = users.map((userId, index) => ({ kind: "join", room, userId, connectionId: `c${index}` }));
  child.send({ prefix, options: { leaseTtl: leaseMs, grace: 0 }, orders });
  await once(child, "message");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("joins and leaves", () => {
  test("a user's first connection joins and the last leaves, whatever process they are in", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    using stop = new DisposableAbort();
    const [a, b] = [one.core.presence({ grace: 0 }), two.core.presence({ grace: 0 })];
    const events = await follow(a, "lobby", stop.signal);
    const tabs = await Promise.all([
      a.join("lobby", { userId: "ada", connectionId: "1" }),
      a.join("lobby", { userId: "ada", connectionId: "2" }),
      b.join("lobby", { userId: "ada", connectionId: "1" }),
      b.join("lobby", { userId: "bo", connectionId: "2" }),
    ]);
    expect(await a.count("lobby")).toEqual({ users: 2, connections: 4 });
    expect((await b.list("lobby")).users).toMatchObject([
      { userId: "ada", state: "active", connections: 3 },
      { userId: "bo", state: "active", connections: 1 },
    ]);
    await Promise.all(tabs.slice(0, 3).map((tab) => tab.leave()));
    await tabs[0]?.leave();
    await vi.waitFor(() => expect(told(events)).toContain("leave ada"), { timeout: 10_000 });
    expect(told(events).filter((each) => !each.startsWith("update"))).toEqual([
      "snapshot",
      "join ada",
      "join bo",
      "leave ada",
    ]);
    const versions = events.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((x, y) => x - y));
    expect(await a.count("lobby")).toEqual({ users: 1, connections: 1 });
    expect([...(await a.online("lobby", ["ada", "bo"]))]).toEqual(["bo"]);
  });

  test("50 joins and leaves of one user from two processes at once leave nothing behind", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    using stop = new DisposableAbort();
    const all = [one.core.presence({ grace: 0 }), two.core.presence({ grace: 0 })];
    const events = await follow(all[0]!, "lobby", stop.signal);
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const tab = await all[index % 2]!.join("lobby", { userId: "ada", connectionId: `c${index}` });
        await tab.leave();
      }),
    );
    expect(await all[0]!.count("lobby")).toEqual({ users: 0, connections: 0 });
    const { version } = await all[0]!.list("lobby");
    await vi.waitFor(() => expect(events.at(-1)?.version).toBe(version));
    const changes = told(events).filter((each) => /^(join|leave)/.test(each));
    expect(changes).toEqual(changes.map((_, index) => (index % 2 === 0 ? "join ada" : "leave ada")));
    expect(changes.length % 2).toBe(0);
  });

  test("a reload within the grace shows nothing; a real leave shows after it", async () => {
    await using harness = await createTestCore(url);
    using stop = new DisposableAbort();
    const presence = harness.core.presence({ grace: 500 });
    const events = await follow(presence, "lobby", stop.signal);
    const first = await presence.join("lobby", { userId: "ada", connectionId: "1" });
    await first.leave();
    expect((await presence.list("lobby")).users).toMatchObject([{ userId: "ada", connections: 0 }]);
    const second = await presence.join("lobby", { userId: "ada", connectionId: "2" });
    await second.leave();
    await vi.waitFor(() => expect(told(events)).toContain("leave ada"), { timeout: 10_000 });
    expect(told(events)).toEqual(["snapshot", "join ada", "leave ada"]);
    expect(await presence.count("lobby")).toEqual({ users: 0, connections: 0 });
  });

  test("who leaves at once is gone without the grace, unless he is there elsewhere", async () => {
    await using harness = await createTestCore(url);
    const presence = harness.core.presence({ grace: "1h" });
    const one = await presence.join("lobby", { userId: "ada", connectionId: "1" });
    const two = await presence.join("lobby", { userId: "ada", connectionId: "2" });
    await one.leave({ atOnce: true });
    expect(await presence.count("lobby")).toEqual({ users: 1, connections: 1 });
    await two.leave({ atOnce: true });
    expect(await presence.count("lobby")).toEqual({ users: 0, connections: 0 });
  });

  test("the liveliest connection is the user's state, and metadata is the last given", async () => {
    await using harness = await createTestCore(url);
    const presence = harness.core.presence<{ typing: boolean }>({ grace: 0 });
    const one = await presence.join("lobby", { userId: "a|d\na", connectionId: "1", state: "away" });
    const two = await presence.join("lobby", {
      userId: "a|d\na",
      connectionId: "2",
      meta: { typing: true },
    });
    const read = async () => (await presence.list("lobby")).users[0];
    expect(await read()).toMatchObject({ userId: "a|d\na", state: "active", meta: { typing: true } });
    await two.update({ state: "idle" });
    expect(await read()).toMatchObject({ state: "idle", meta: { typing: true } });
    await one.update({ meta: { typing: false } });
    expect(await read()).toMatchObject({ state: "idle", meta: { typing: false }, connections: 2 });
    await two.leave();
    expect(await read()).toMatchObject({ state: "away", connections: 1 });
    await expect(two.update({ state: "active" })).rejects.toThrow(Misuse);
  });

  test("pages hold every user once, and rooms and last seen are known by user", async () => {
    await using harness = await createTestCore(url);
    const presence = harness.core.presence({ grace: 0 });
    for (let index = 0; index < 25; index += 1) {
      await presence.join("lobby", { userId: `u${index}`, connectionId: `c${index}` });
    }
    const other = await presence.join("den", { userId: "u7", connectionId: "d" });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await presence.list("lobby", { cursor, limit: 7 });
      seen.push(...page.users.map(({ userId }) => userId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `u${index}`).toSorted());
    await vi.waitFor(async () => expect((await presence.rooms("u7")).toSorted()).toEqual(["den", "lobby"]));
    await other.leave();
    await vi.waitFor(async () => expect([...(await presence.lastSeen(["u7", "u8"])).keys()]).toEqual(["u7"]));
    expect(await presence.rooms("u7")).toEqual(["lobby"]);
    expect(await harness.listPermanentKeys()).toEqual([]);
  });

  test("heartbeats keep a client without a stream present until they stop, whoever heard the last", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    using stop = new DisposableAbort();
    const options = { grace: 0, heartbeatTtl: 1_000, leaseTtl: 600 };
    const [a, b] = [one.core.presence<{ mood: string }>(options), two.core.presence<{ mood: string }>(options)];
    const events = await follow(b, "lobby", stop.signal);
    await a.heartbeat("lobby", { userId: "ada", meta: { mood: "calm" } });
    await b.heartbeat("lobby", { userId: "ada" });
    expect(await a.count("lobby")).toEqual({ users: 1, connections: 0 });
    expect((await a.list("lobby")).users).toMatchObject([{ userId: "ada", state: "active", meta: { mood: "calm" } }]);
    // Neither a tab that comes and goes nor the end of a process takes him away before his time.
    const tab = await a.join("lobby", { userId: "ada", connectionId: "1" });
    await tab.leave();
    await a.heartbeat("lobby", { userId: "ada" });
    await a.close();
    expect(await b.count("lobby")).toEqual({ users: 1, connections: 0 });
    await vi.waitFor(() => expect(told(events)).toContain("leave ada"), { timeout: 10_000 });
    expect(told(events).filter((each) => !each.startsWith("update"))).toEqual([
      "snapshot",
      "join ada",
      "leave ada",
    ]);
    expect(await b.count("lobby")).toEqual({ users: 0, connections: 0 });
    expect(await one.listPermanentKeys()).toEqual([]);
  });

  test("the whole site is a room: there once per connection, from the first of its rooms to the last", async () => {
    await using harness = await createTestCore(url);
    using stop = new DisposableAbort();
    const presence = harness.core.presence({ grace: 0, site: "site" });
    const events = await follow(presence, "site", stop.signal);
    const [lobby, den] = await Promise.all([
      presence.join("lobby", { userId: "ada", connectionId: "tab" }),
      presence.join("den", { userId: "ada", connectionId: "tab" }),
      presence.join("den", { userId: "bo", connectionId: "tab-2" }),
    ]);
    await presence.heartbeat("den", { userId: "cy" });
    expect(await presence.count("site")).toEqual({ users: 3, connections: 2 });
    await lobby.leave();
    await den.update({ state: "away" });
    expect((await presence.list("site")).users).toMatchObject([{ state: "away", connections: 1 }, {}, {}]);
    await den.leave();
    await vi.waitFor(() => expect(told(events)).toContain("leave ada"), { timeout: 10_000 });
    expect(told(events).filter((each) => each.endsWith(" ada"))).toEqual(["join ada", "update ada", "leave ada"]);
  });

  test("connections can be read one by one, each with its own state and metadata", async () => {
    await using harness = await createTestCore(url);
    const presence = harness.core.presence<string>({ grace: 0 });
    const users = ["ä|1|b", "bo", "bo"];
    const tabs = [];
    for (const [index, userId] of users.entries()) {
      tabs.push(await presence.join("lobby", { userId, connectionId: `c:${index}`, meta: `device ${index}` }));
    }
    await tabs[1]?.update({ state: "idle" });
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await presence.connections("lobby", { cursor, limit: 2 });
      seen.push(...page.connections);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted((a, b) => (a.connectionId < b.connectionId ? -1 : 1))).toMatchObject([
      { userId: "ä|1|b", connectionId: "c:0", state: "active", meta: "device 0" },
      { userId: "bo", connectionId: "c:1", state: "idle", meta: "device 1" },
      { userId: "bo", connectionId: "c:2", state: "active", meta: "device 2" },
    ]);
    expect(new Set(seen.map(({ process }) => process)).size).toBe(1);
  });
});

describe("crashes", () => {
  test("a killed process's users leave exactly once, those with another connection stay", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    using stop = new DisposableAbort();
    const options = { leaseTtl: 1_500, grace: 0 };
    const [a, b] = [one.core.presence(options), two.core.presence(options)];
    await a.join("lobby", { userId: "stays", connectionId: "1" });
    await b.join("other", { userId: "b", connectionId: "1" });
    const worker = await forkWorker(one.prefix, "lobby", 1_500, ["ada", "bo", "ada", "stays"]);
    expect(await a.count("lobby")).toEqual({ users: 3, connections: 5 });
    const events = await follow(a, "lobby", stop.signal);
    await kill(worker);
    await vi.waitFor(
      async () => expect(await a.count("lobby")).toEqual({ users: 1, connections: 1 }),
      { timeout: 10_000 },
    );
    const { version } = await a.list("lobby");
    await vi.waitFor(() => expect(events.at(-1)?.version).toBe(version));
    expect(told(events).slice(1).toSorted()).toEqual(["leave ada", "leave bo", "update stays"]);
    // Its own keys go when all of its rooms are done; those of the two living processes stay.
    await vi.waitFor(async () => {
      expect((await one.listKeys()).filter((key) => /process:.*:rooms$/.test(key))).toHaveLength(2);
    });
    expect(await one.listPermanentKeys()).toEqual([]);
  });

  test("a process that slept past its lease is swept, and is back under a new incarnation", async () => {
    await using harness = await createTestCore(url);
    using stop = new DisposableAbort();
    const watching = harness.core.presence({ leaseTtl: 1_500, grace: 0 });
    await watching.join("lobby", { userId: "watch", connectionId: "1" });
    const worker = await forkWorker(harness.prefix, "lobby", 1_500, ["ada"]);
    try {
      const events = await follow(watching, "lobby", stop.signal);
      worker.kill("SIGSTOP");
      await vi.waitFor(() => expect(told(events)).toContain("leave ada"), { timeout: 10_000 });
      worker.kill("SIGCONT");
      await vi.waitFor(() => expect(told(events)).toContain("join ada"), { timeout: 10_000 });
      expect(told(events)).toEqual(["snapshot", "leave ada", "join ada"]);
      expect(await watching.count("lobby")).toEqual({ users: 2, connections: 2 });
    } finally {
      await kill(worker);
    }
  });

  test("a process that closes hands its users over: within the grace they join elsewhere unseen", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    using stop = new DisposableAbort();
    const [a, b] = [
      one.core.presence({ leaseTtl: 1_000, grace: 1_500 }),
      two.core.presence({ leaseTtl: 1_000, grace: 1_500 }),
    ];
    await a.join("lobby", { userId: "moves", connectionId: "1" });
    await a.join("lobby", { userId: "goes", connectionId: "2" });
    await b.join("lobby", { userId: "watch", connectionId: "1" });
    const events = await follow(b, "lobby", stop.signal);
    await a.close();
    await b.join("lobby", { userId: "moves", connectionId: "9" });
    await vi.waitFor(() => expect(told(events)).toContain("leave goes"), { timeout: 10_000 });
    expect(told(events)).toEqual(["snapshot", "leave goes"]);
    expect(await b.count("lobby")).toEqual({ users: 2, connections: 2 });
  });

  test("after a lost subscription comes a new snapshot, and a wiped Redis is filled again", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url });
    await connection.ready(AbortSignal.timeout(10_000));
    await using core = createRedisCore({ redis: connection.port, prefix: "wiped" });
    using stop = new DisposableAbort();
    const presence = core.presence({ leaseTtl: 1_000, grace: 0 });
    await presence.join("lobby", { userId: "ada", connectionId: "1" });
    const events = await follow(presence, "lobby", stop.signal);
    await connection.port.command("CLIENT KILL", [], ["TYPE", "pubsub"]);
    await vi.waitFor(() => expect(told(events)).toEqual(["snapshot", "snapshot"]), { timeout: 10_000 });
    await connection.port.command("FLUSHALL", [], []);
    // The version before the wipe does not lead to the join after it, so that too is a snapshot.
    await vi.waitFor(() => expect(events).toHaveLength(3), { timeout: 10_000 });
    expect(events.at(-1)).toMatchObject({ type: "snapshot", users: [{ userId: "ada", connections: 1 }] });
    expect(await presence.count("lobby")).toEqual({ users: 1, connections: 1 });
  });
});

class DisposableAbort extends AbortController {
  [Symbol.dispose](): void {
    this.abort();
  }
}
