import { type RunningCluster, startCluster, startRedis } from "@cardinal/dev";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createRedisCore } from "../src/core.ts";
import { Misuse } from "../src/errors.ts";
import { knowsShardedPubSub } from "../src/ioredis/knows-sharded-pub-sub.ts";
import type { SubscriberOptions } from "../src/subscriber-settings.ts";
import { eventually } from "./support/eventually.ts";
import { moveSlot } from "./support/move-slot.ts";

const url = inject("redisUrl");

describe("sharded publish/subscribe", () => {
  it("is found by asking: not on one node, and not where the commands are missing", async () => {
    await using one = connectRedis({ target: url });
    await one.ready();
    expect(await one.port.hasShardedPubSub()).toBe(false);
    await expect(one.port.subscribe(["x"], { onMessage() {} }, { sharded: true })).rejects.toThrow(Misuse);
    // Both commands are there, so a Cluster of such nodes would be sharded.
    expect(await knowsShardedPubSub(one.port)).toBe(true);
    await using old = await startRedis({ config: ['rename-command SPUBLISH ""', 'rename-command SSUBSCRIBE ""'] });
    await using without = connectRedis({ target: old.url });
    await without.ready();
    expect(await knowsShardedPubSub(without.port)).toBe(false);
  });
});

describe("channels on a Cluster", () => {
  let cluster: RunningCluster;
  let redis: RedisConnection;
  let stack: AsyncDisposableStack;

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    cluster = stack.use(await startCluster({ masters: 3 }));
    redis = stack.use(connect());
    await redis.ready();
  }, 60_000);

  afterAll(() => stack.disposeAsync());

  const connect = (subscriptions: SubscriberOptions = {}) =>
    connectRedis({
      subscriptions,
      target: `redis+cluster://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`,
      checkSlots: true,
      deadlineMs: 5_000,
    });

  const eachNode = async (name: string, args: readonly string[]) =>
    await redis.port.eachMaster(async (master) => await master.command(name, args));

  /** Subscriber connections of all nodes. */
  async function countSubscribers(): Promise<number> {
    const lists = await eachNode("CLIENT LIST", ["TYPE", "pubsub"]);
    return lists.reduce<number>((sum, list) => sum + String(list).split("\n").filter(Boolean).length, 0);
  }

  const move = async (slot: number, from: number, to: number) => {
    const [source, target] = [cluster.nodes[from], cluster.nodes[to]];
    if (source && target) {
      await moveSlot(slot, source, target);
    }
  };

  it("live messages stay within their shard, over one connection to each master that has some", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "live" });
    expect(await redis.port.hasShardedPubSub()).toBe(true);
    const heard = new Set<number>();
    const channels = Array.from({ length: 30 }, (_, index) => core.channel<number>(`news-${index}`));
    await Promise.all(channels.map((channel) => channel.subscribe((value) => heard.add(value))));
    expect(await countSubscribers()).toBe(3);
    const counts = await eachNode("PUBSUB SHARDCHANNELS", ["live:*"]);
    expect(counts.flat()).toHaveLength(30);
    expect(await eachNode("PUBSUB CHANNELS", ["live:*"])).toEqual([[], [], []]);
    await Promise.all(channels.map((channel, index) => channel.publish(index)));
    await eventually(() => expect(heard.size).toBe(30));
  });

  it("follows its slot to another node, and tells of the gap", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "moves" });
    const channel = core.channel<number>("news");
    const slot = redis.port.slotOf(core.keys.channel.live("news"));
    const from = Math.floor((slot * 3) / 16_384);
    const heard: (number | string)[] = [];
    await channel.subscribe((value) => void heard.push(value), { onGap: () => void heard.push("gap") });
    await channel.publish(1);
    await eventually(() => expect(heard).toEqual([1]));
    await move(slot, from, (from + 1) % 3);
    await eventually(() => expect(heard).toEqual([1, "gap"]));
    await channel.publish(2);
    await eventually(() => expect(heard).toEqual([1, "gap", 2]));
    await move(slot, (from + 1) % 3, from);
    await eventually(() => expect(heard).toEqual([1, "gap", 2, "gap"]));
  });

  it("comes back after its connections were cut, and tells of the gap", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "cut" });
    const channel = core.channel<number>("news");
    const heard: (number | string)[] = [];
    await channel.subscribe((value) => void heard.push(value), { onGap: () => void heard.push("gap") });
    await eachNode("CLIENT KILL", ["TYPE", "pubsub"]);
    await eventually(() => expect(heard).toEqual(["gap"]));
    await channel.publish(1);
    await eventually(() => expect(heard).toEqual(["gap", 1]));
  });

  it("goes by plain publish/subscribe where it is told to", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "plain" });
    const channel = core.channel<number>("news", { sharded: false });
    const heard: number[] = [];
    await channel.subscribe((value) => void heard.push(value));
    await channel.publish(1);
    await eventually(() => expect(heard).toEqual([1]));
    expect((await eachNode("PUBSUB CHANNELS", ["plain:*"])).flat()).toHaveLength(1);
  });

  it("of a port that is told so are all plain, so that node-redis' processes hear them", async () => {
    await using plain = connect({ sharded: false });
    await plain.ready();
    expect(await plain.port.hasShardedPubSub()).toBe(false);
    await using core = createRedisCore({ redis: plain.port, prefix: "told" });
    const heard: number[] = [];
    await core.channel<number>("news").subscribe((value) => void heard.push(value));
    await core.channel<number>("news").publish(1);
    await eventually(() => expect(heard).toEqual([1]));
    expect((await eachNode("PUBSUB CHANNELS", ["told:*"])).flat()).toHaveLength(1);
  });

  it("replays with a sharded doorbell, and serves a named consumer", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "replay" });
    const channel = core.channel<number>("log", { delivery: "replay" });
    const [heard, consumed]: number[][] = [[], []];
    await channel.publish(1);
    await channel.subscribe((value) => void heard?.push(value), { from: "start" });
    await channel.consumer("sum").run((value) => void consumed?.push(value));
    for (const value of [2, 3, 4]) {
      await channel.publish(value);
    }
    await eventually(() => expect([heard, consumed]).toEqual([[1, 2, 3, 4], [1, 2, 3, 4]]));
    expect((await eachNode("PUBSUB CHANNELS", ["replay:*"])).flat()).toEqual([]);
  });

  it("presence tells its changes within the shard, and begins anew after a lost connection", async () => {
    await using core = createRedisCore({ redis: redis.port, prefix: "presence" });
    const presence = core.presence({ grace: 0 });
    const ending = new AbortController();
    const told: string[] = [];
    const watching = (async () => {
      for await (const event of presence.onChange("lobby", { signal: ending.signal })) {
        told.push(event.type === "snapshot" ? `snapshot of ${event.users.length}` : `${event.type} ${event.userId}`);
      }
    })();
    await eventually(() => expect(told).toEqual(["snapshot of 0"]));
    await presence.join("lobby", { userId: "ada", connectionId: "1" });
    await presence.heartbeat("lobby", { userId: "bo" });
    await eventually(() => expect(told.slice(1)).toEqual(["join ada", "join bo"]));
    expect((await eachNode("PUBSUB CHANNELS", ["presence:*"])).flat()).toEqual([]);
    await eachNode("CLIENT KILL", ["TYPE", "pubsub"]);
    await eventually(() => expect(told.slice(3)).toEqual(["snapshot of 2"]));
    ending.abort();
    await watching;
  });
});
