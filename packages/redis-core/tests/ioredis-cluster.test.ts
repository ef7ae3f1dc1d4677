import { type RunningCluster, startCluster, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import { type RedisPort, RedisReplyError } from "@cardinal/redis-core";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, OutcomeUnknown } from "../src/errors.ts";
import { slidingWindow, slidingWindowLog, tokenBucket } from "../src/rate-limit/index.ts";
import { testScript } from "./support/test-script.ts";

const increment = testScript("increment", "return redis.call('INCR', KEYS[1])");

let cluster: RunningCluster;
let proxies: TcpProxy[];
let client: Cluster;
let port: RedisPort;

beforeAll(async () => {
  cluster = await startCluster({ masters: 3 });
  proxies = await Promise.all(cluster.nodes.map((node) => startTcpProxy({ target: node })));
  // What the nodes announce leads to the proxies, so that every command goes through one.
  const natMap = Object.fromEntries(
    cluster.nodes.map(({ host, port: nodePort }, index) => {
      const proxy = proxies[index];
      return [`${host}:${nodePort}`, { host: proxy?.host ?? "", port: proxy?.port ?? 0 }];
    }),
  );
  const [first] = proxies;
  client = new Cluster([{ host: first?.host ?? "", port: first?.port ?? 0 }], {
    natMap,
    enableOfflineQueue: false,
    slotsRefreshTimeout: 2_000,
    redisOptions: {
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    },
  });
  await new Promise<void>((resolve) => {
    client.once("ready", () => resolve());
  });
  port = ioredisPort(client, { deadlineMs: 2_000, checkSlots: true });
}, 60_000);

afterAll(async () => {
  await port.close();
  client.disconnect();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await cluster.stop();
});

/** The proxy before the node that holds a key: each of the three holds a third of the slots. */
function proxyOf(key: string): TcpProxy {
  const proxy = proxies[Math.floor((port.slotOf(key) * proxies.length) / 16_384)];
  if (!proxy) {
    throw new Error("no proxy");
  }
  return proxy;
}

/** Waits until every node is asked again after a cut, and reads the key. */
async function readAgain(key: string): Promise<unknown> {
  const keys = [key, "foo", "bar", "{safe}"];
  expect(new Set(keys.map(proxyOf)).size).toBe(proxies.length);
  const values = await vi.waitFor(() => Promise.all(keys.map((each) => port.command("GET", [each], []))), {
    timeout: 10_000,
  });
  return values[0];
}

describe("on a Cluster", () => {
  it("slots are those of the server", async () => {
    for (const key of ["a", "{user1000}.following", "foo{{bar}}zap", "foo{}{bar}", "ä", "cardinal:v1:x:{y}:z"]) {
      expect(port.slotOf(key)).toBe(await port.command("CLUSTER KEYSLOT", [], [key]));
    }
  });

  it("commands, batches over slots and scripts find their nodes", async () => {
    expect(port.capabilities.topology).toBe("cluster");
    const keys = Array.from({ length: 30 }, (_, index) => `spread:${index}`);
    const written = await port.batch(keys.map((key) => ({ name: "SET", keys: [key], args: [key] })));
    expect(written.every((result) => result.ok)).toBe(true);
    const sizes = await port.eachMaster(async (master) => Number(await master.command("DBSIZE", [])));
    expect(sizes).toHaveLength(3);
    expect(sizes.every((size) => size > 0)).toBe(true);
    await port.eachMaster((master) => master.command("SCRIPT FLUSH", []));
    const runs = await Promise.all(keys.map((key) => port.run(increment, [`${key}:count`], [])));
    expect(runs).toEqual(keys.map(() => 1));
    const crossing = port.run(increment, ["{a}:1", "{b}:1"], [], { anySlot: true });
    await expect(crossing).rejects.toThrow(RedisReplyError);
  });

  it("a lost reply is OutcomeUnknown, and nothing runs twice", async () => {
    await port.run(increment, ["{lost}:script"], []);
    for (const [key, call] of [
      ["{lost}:command", () => port.command("INCR", ["{lost}:command"], [])],
      ["{lost}:script", () => port.run(increment, ["{lost}:script"], [])],
    ] as const) {
      await proxyOf(key).setMode("cut-after-request-before-reply", { match: key, times: 1 });
      await expect(call()).rejects.toThrow(OutcomeUnknown);
      expect(await readAgain(key)).toBe(key.endsWith("script") ? "2" : "1");
    }
  });

  it("a lost reply is asked for again where that is safe", async () => {
    const key = "{safe}:command";
    await proxyOf(key).setMode("cut-after-request-before-reply", { match: key, times: 1 });
    expect(await port.command("SET", [key], ["x"], { resend: "once", deadlineMs: 5_000 })).toBe("OK");
    expect(await readAgain(key)).toBe("x");
  });

  it("a stalled node is OutcomeUnknown at the deadline", async () => {
    await proxyOf("{stall}").setMode("stall");
    const startedAt = performance.now();
    await expect(port.command("INCR", ["{stall}"], [], { deadlineMs: 200 })).rejects.toSatisfy(isOutage);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await proxyOf("{stall}").setMode("pass");
    await readAgain("{stall}");
  });

  it("messages reach subscribers, and a dropped connection is reported as a gap", async () => {
    const seen: string[] = [];
    const subscription = await port.subscribe(["news"], {
      onMessage: (message) => seen.push(message),
      onGap: () => seen.push("gap"),
    });
    await port.command("PUBLISH", ["news"], ["hello"]);
    await vi.waitFor(() => expect(seen).toEqual(["hello"]));
    await port.eachMaster((master) => master.command("CLIENT KILL", ["TYPE", "pubsub"]));
    await vi.waitFor(() => expect(seen.slice(0, 2)).toEqual(["hello", "gap"]), { timeout: 10_000 });
    await port.command("PUBLISH", ["news"], ["again"]);
    await vi.waitFor(() => expect(seen.at(-1)).toBe("again"));
    await subscription.close();
  });
});

describe("a limiter on a Cluster", () => {
  it("asks one script where all identities share a slot, and debits all or none where they do not", async () => {
    const clock = manualClock();
    await using core = createRedisCore({ redis: port, prefix: "limits", clock });
    const rules = {
      user: slidingWindow(5, "1m"),
      address: tokenBucket({ rate: 3, per: "1m" }),
      key: slidingWindowLog(10, "1m"),
    };
    const limiter = core.limiter("api", rules, { blockCache: false, onUnavailable: "closed" });
    const keys = { user: "ada", address: "203.0.113.9", key: "k-1" };
    const decisions = [];
    for (let call = 0; call < 5; call += 1) {
      decisions.push(await limiter.limit(keys));
    }
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
    expect(decisions[3]).toMatchObject({ limitedBy: "address", source: "redis" });
    const alone = (key: "user" | "key") => limiter.peek({ user: null, address: null, key: null, [key]: keys[key] });
    expect((await alone("user")).remaining).toBe(2);
    expect((await alone("key")).remaining).toBe(7);
  });

  it("never passes more than the limit while parts are given back", async () => {
    await using core = createRedisCore({ redis: port, prefix: "race" });
    const rules = { user: slidingWindow(20, "366d"), all: slidingWindowLog(30, "1h") };
    const limiter = core.limiter("api", rules, { blockCache: false, onUnavailable: "closed" });
    const decisions = await Promise.all(
      Array.from({ length: 100 }, (_, call) => limiter.limit({ user: `user-${call % 2}`, all: "everyone" })),
    );
    const passed = decisions.filter(({ allowed }) => allowed).length;
    expect(decisions.every(({ source }) => source === "redis")).toBe(true);
    expect(passed).toBeLessThanOrEqual(30);
    expect(passed).toBeGreaterThan(0);
    const left = await limiter.peek({ user: null, all: "everyone" }, { cost: 0 });
    expect(left.remaining).toBe(30 - passed);
  });
});
