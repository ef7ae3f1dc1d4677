import { startRedis } from "@cardinal/dev";
import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { connectRedis } from "../src/connection/index.ts";
import type { CoreContext } from "../src/context.ts";
import { createRedisCore } from "../src/core.ts";
import { RedisUnavailable } from "../src/errors.ts";
import { createPresenceStore } from "../src/presence/presence-store.ts";
import { sweepIncarnation } from "../src/presence/sweep-incarnation.ts";
import { noTelemetry } from "../src/telemetry.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";

const url = inject("redisUrl");
const leaseMs = 15_000;

/** The steps of presence one by one, at a time the test decides. */
function steps(harness: TestCore) {
  const clock = manualClock();
  const context: CoreContext = {
    state: harness.redis.port,
    cache: harness.redis.port,
    keys: harness.core.keys,
    clock,
    telemetry: noTelemetry,
    epochStore: undefined,
    onClose: () => {},
  };
  const store = createPresenceStore(context);
  const begin = async (incarnation: string) => {
    const ends = await store.renew(incarnation, leaseMs, true);
    return await store.noteLease(incarnation, ends);
  };
  const join = async (incarnation: string, room: string, userId: string) => {
    const entry = { connectionId: `tab-${userId}`, userId, state: "a", meta: undefined };
    expect(await store.register(incarnation, room)).toBe(true);
    return (await store.enter(room, incarnation, entry))[0];
  };
  const left: string[] = [];
  const adopted: string[] = [];
  const sweep = (dead: string, sweeper: string) =>
    sweepIncarnation(store, dead, sweeper, {
      onSwept: async (room, swept) => {
        left.push(...swept.left.map((userId) => `${userId}@${room}`));
        await Promise.resolve();
      },
      adoptGrace: async (room) => {
        adopted.push(room);
        await Promise.resolve();
      },
    });
  return { store, clock, begin, join, sweep, left, adopted };
}

describe("sweeping a dead incarnation", () => {
  test("is refused while its lease runs, even by a millisecond", async () => {
    await using harness = await createTestCore(url);
    const { store, clock, begin, join, sweep, left } = steps(harness);
    await begin("dead");
    await join("dead", "lobby", "ada");
    clock.advance(leaseMs - 1);
    await sweep("dead", "s1");
    expect(left).toEqual([]);
    expect(await store.renew("dead", leaseMs, false)).not.toBe("");
    clock.advance(leaseMs);
    await sweep("dead", "s1");
    expect(left).toEqual(["ada@lobby"]);
    expect(await store.renew("dead", leaseMs, false)).toBe("");
  });

  test("by a sweeper that dies half-way is ended by another, each leave told once", async () => {
    await using harness = await createTestCore(url);
    const { store, clock, begin, join, sweep, left } = steps(harness);
    await begin("dead");
    for (const room of ["a", "b", "c"]) {
      await join("dead", room, "ada");
    }
    clock.advance(leaseMs);
    expect((await store.claim("dead", "s1")).toSorted()).toEqual(["a", "b", "c", "claimed"]);
    left.push(...(await store.sweepRoom("a", "dead", 0)).left.map((userId) => `${userId}@a`));
    // s1 dies here, before it notes that room a is done.
    await sweep("dead", "s2");
    expect(left).toEqual(["ada@a"]);
    clock.advance(5_000);
    await sweep("dead", "s2");
    await sweep("dead", "s1");
    expect(left.toSorted()).toEqual(["ada@a", "ada@b", "ada@c"]);
  });

  test("by ten sweepers at once tells each leave once", async () => {
    await using harness = await createTestCore(url);
    const { clock, begin, join, sweep, left } = steps(harness);
    await begin("dead");
    for (let room = 0; room < 100; room += 1) {
      await join("dead", `room-${room}`, "ada");
    }
    clock.advance(leaseMs);
    await Promise.all(Array.from({ length: 10 }, (_, index) => sweep("dead", `s${index}`)));
    expect(left).toHaveLength(100);
    expect(new Set(left).size).toBe(100);
    expect(await harness.listPermanentKeys()).toEqual([]);
  });

  test("keeps out a join that it had sent before and that comes late", async () => {
    await using harness = await createTestCore(url);
    const { store, clock, begin, join, sweep } = steps(harness);
    await begin("dead");
    await join("dead", "lobby", "ada");
    clock.advance(leaseMs);
    await sweep("dead", "s1");
    const late = { connectionId: "late", userId: "bo", state: "a", meta: undefined };
    expect(await store.enter("lobby", "dead", late)).toEqual(["fenced"]);
    // A room it had not noted before it was swept, it can note no more.
    expect(await store.register("dead", "elsewhere")).toBe(false);
    expect((await store.list("lobby", { sinceMs: "", userId: "" }, 10)).pairs).toEqual([]);
  });

  test("ends graces that are over, and adopts those that run on", async () => {
    await using harness = await createTestCore(url);
    const { store, clock, begin, join, sweep, left, adopted } = steps(harness);
    await begin("dead");
    await join("dead", "lobby", "over");
    await join("dead", "lobby", "running");
    await store.leave("lobby", "dead", "tab-over", 1_000);
    await store.leave("lobby", "dead", "tab-running", leaseMs + 5_000);
    clock.advance(leaseMs);
    await sweep("dead", "s1");
    expect(left).toEqual(["over@lobby"]);
    expect(adopted).toEqual(["lobby"]);
    clock.advance(5_000);
    expect((await store.sweepRoom("lobby", "", 0)).left).toEqual(["running"]);
  });
});

test("a note of a user's rooms that comes late does not undo a later one", async () => {
  await using harness = await createTestCore(url);
  const { store, begin, join } = steps(harness);
  const presence = harness.core.presence({ grace: 0 });
  await begin("one");
  await join("one", "lobby", "ada");
  await store.noteUser("lobby", "ada", "7", true);
  await store.noteUser("lobby", "ada", "6", false);
  expect(await presence.rooms("ada")).toEqual(["lobby"]);
  await store.leave("lobby", "one", "tab-ada", 0);
  // The note of the leave is lost: the room itself knows better.
  expect(await presence.rooms("ada")).toEqual([]);
});

test("what Redis could not be told is told when it is back", async () => {
  const redis = await startRedis();
  await using connection = connectRedis({ target: redis.url });
  await connection.ready(AbortSignal.timeout(10_000));
  await using core = createRedisCore({ redis: connection.port, prefix: "outage" });
  const presence = core.presence({ leaseTtl: 600, grace: 0 });
  const ada = await presence.join("lobby", { userId: "ada", connectionId: "1" });
  const cy = await presence.join("lobby", { userId: "cy", connectionId: "2" });
  await redis.stop();
  await ada.update({ state: "away" });
  await cy.leave();
  await expect(presence.join("lobby", { userId: "bo", connectionId: "3" })).rejects.toThrow(RedisUnavailable);
  await using again = await startRedis({ port: redis.port });
  await vi.waitFor(
    async () => {
      const { users } = await presence.list("lobby");
      expect(users).toMatchObject([{ userId: "ada", state: "away", connections: 1 }]);
    },
    { timeout: 15_000, interval: 50 },
  );
  expect(again.port).toBe(redis.port);
  await core.close();
});
