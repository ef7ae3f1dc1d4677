import { startRedis, startTcpProxy } from "@cardinal/dev";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import type { CoreContext } from "../src/context.ts";
import { createPresenceStore } from "../src/presence/presence-store.ts";
import { noTelemetry } from "../src/telemetry.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

/** The steps of presence at a time long gone, as a process did them that is dead now. */
function longAgo(harness: TestCore) {
  const context: CoreContext = {
    state: harness.redis.port,
    cache: harness.redis.port,
    keys: harness.core.keys,
    clock: manualClock(),
    telemetry: noTelemetry,
    epochStore: undefined,
    onClose: () => {},
  };
  return createPresenceStore(context);
}

describe("presence", () => {
  it("costs one round trip a call", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const presence = test.core.presence({ grace: 0 });
    const join = (connectionId: string) => presence.join("lobby", { userId: "ada", connectionId });
    const tab = await join("1");
    await eventually(async () => expect(await presence.rooms("ada")).toEqual(["lobby"]));
    const callsOf = async (work: () => Promise<unknown>) => {
      const counts = await countCommands(test.redis.port, work);
      return Object.entries(counts)
        .filter(([name]) => /^(evalsha|eval|hscan|hkeys|hexists|get|hlen)$/.test(name))
        .filter(([name]) => counts["evalsha"] === undefined || name === "evalsha")
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
    };
    await presence.heartbeat("lobby", { userId: "ada" });
    // The first read of a process looks for dead ones, too.
    expect(await callsOf(() => presence.list("lobby"))).toEqual([["evalsha", 2]]);
    expect(await callsOf(() => join("2"))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => tab.update({ state: "idle" }))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => tab.leave())).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => presence.heartbeat("lobby", { userId: "ada" }))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => presence.list("lobby"))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => presence.count("lobby"))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => presence.online("lobby", ["ada", "bo"]))).toEqual([["evalsha", 1]]);
    expect(await callsOf(() => presence.connections("lobby"))).toEqual([["hscan", 1]]);
    expect(await callsOf(() => presence.lastSeen(["ada"]))).toEqual([["get", 1]]);
    // One after the other: the room itself says whether what the user's own key says is still so.
    expect(await callsOf(() => presence.rooms("ada"))).toEqual([
      ["hexists", 1],
      ["hkeys", 1],
    ]);
    // A hundred of a turn leave together.
    const many = await callsOf(() => Promise.all(Array.from({ length: 96 }, (_, index) => join(`c${index}`))));
    expect(many).toEqual([["evalsha", 3]]);
  });

  it("tells a join and a leave once although their replies are lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using test = await createTestCore(proxy.url());
    await using direct = await createTestCore(redis.url, { prefix: test.prefix });
    const presence = test.core.presence({ grace: 0 });
    const watching = direct.core.presence({ grace: 0 });
    await presence.join("lobby", { userId: "ada", connectionId: "1" });
    const before = (await watching.list("lobby")).version;
    const users = test.core.keys.presence.users("lobby");
    await proxy.setMode("cut-after-request-before-reply", { match: users, times: 1 });
    const bo = await presence.join("lobby", { userId: "bo", connectionId: "2" });
    await proxy.setMode("cut-after-request-before-reply", { match: users, times: 1 });
    await bo.leave();
    await eventually(async () => {
      expect(await watching.count("lobby")).toEqual({ users: 1, connections: 1 });
      // One version for the join, one for the leave.
      expect((await watching.list("lobby")).version).toBe(before + 2);
    });
  });

  it("needs no script that the server keeps", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const presence = test.core.presence({ grace: 0 });
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) {
        await test.redis.port.command("SCRIPT FLUSH", [], []);
      }
    })();
    for (let round = 0; round < 30; round += 1) {
      const tab = await presence.join("lobby", { userId: `user-${round % 3}`, connectionId: `tab-${round}` });
      await presence.heartbeat("lobby", { userId: "beats" });
      expect(await presence.count("lobby")).toEqual({ users: 2, connections: 1 });
      await tab.leave();
    }
    isDone = true;
    await flushing;
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("shows nobody whose process died when no other was there to see it", async () => {
    await using harness = await createTestCore(url);
    const store = longAgo(harness);
    await store.noteLease("dead", await store.renew("dead", 15_000, true));
    await store.register("dead", "lobby");
    await store.enter("lobby", "dead", { connectionId: "1", userId: "ghost", state: "a", meta: undefined });
    const presence = harness.core.presence();
    expect((await presence.list("lobby")).users).toEqual([]);
    expect(await presence.count("lobby")).toEqual({ users: 0, connections: 0 });
    await eventually(async () => expect([...(await presence.lastSeen(["ghost"])).keys()]).toEqual(["ghost"]));
    expect((await harness.listKeys()).filter((key) => /:(connections|users|order|leaving):/.test(key))).toEqual([]);
  });

  it("shows nobody whose grace is over, where no timer ended it", async () => {
    await using harness = await createTestCore(url);
    const store = longAgo(harness);
    await store.beat("lobby", "gone", undefined, 60_000);
    const presence = harness.core.presence();
    await presence.heartbeat("lobby", { userId: "here" });
    expect([...(await presence.online("lobby", ["gone", "here"]))]).toEqual(["here"]);
    await store.beat("lobby", "gone", undefined, 60_000);
    expect(await presence.count("lobby")).toEqual({ users: 1, connections: 0 });
    await store.beat("lobby", "gone", undefined, 60_000);
    expect((await presence.list("lobby")).users).toMatchObject([{ userId: "here" }]);
  });
});
