import { expect, it, onTestFinished } from "vitest";
import { createRedisCore, isOutage, type RedisCore } from "../../src/index.ts";
import { randomHex } from "../../src/random.ts";
import { slidingWindow, tokenBucket } from "../../src/rate-limit/index.ts";
import { eventually } from "./eventually.ts";
import type { PortUnderTest } from "./port-conformance.ts";
import { scanAll } from "./scan-all.ts";

/** That the primitives work over a port: one short story each; their own tests tell the rest. */
export function itCarriesThePrimitives(get: () => PortUnderTest): void {
  const prefix = `primitives-${randomHex(6)}`;
  const startCore = (): RedisCore => {
    const core = createRedisCore({ redis: get().checked, prefix });
    onTestFinished(() => core.close());
    return core;
  };

  it("cache: one load, tags, many, and what Redis being slow makes of it", async () => {
    const cache = startCore().cache<{ n: number }>("users", { ttl: "1m" });
    let loads = 0;
    const load = () => Promise.resolve({ n: (loads += 1) });
    const readers = Array.from({ length: 10 }, () => cache.getOrSet("ada", load, { tags: ["team"] }));
    expect(new Set((await Promise.all(readers)).map((value) => value?.n))).toEqual(new Set([1]));
    expect(await cache.get("ada")).toEqual({ n: 1 });
    await cache.invalidateTags(["team"]);
    expect(await cache.get("ada")).toBeUndefined();
    expect(await cache.getOrSet("ada", load)).toEqual({ n: 2 });
    await cache.set("bo", { n: 7 });
    expect([...(await cache.getMany(["ada", "bo", "none"]))]).toEqual([
      ["ada", { n: 2 }],
      ["bo", { n: 7 }],
    ]);
    await cache.clear();
    expect(await cache.get("bo")).toBeUndefined();
  });

  it("cache: readers of two processes share a load", async () => {
    const [here, there] = [startCore(), startCore()].map((core) =>
      core.cache<number>("shared", { ttl: "1m" }),
    );
    let loads = 0;
    const load = async () => {
      await get().port.command("GET", [`${prefix}-pace`], []);
      return (loads += 1);
    };
    const both = await Promise.all([here?.getOrSet("k", load), there?.getOrSet("k", load)]);
    expect(both).toEqual([1, 1]);
  });

  it("limiter: all rules or none, and a refusal says when", async () => {
    const limiter = startCore().limiter(
      "api",
      { user: slidingWindow(3, "366d"), address: tokenBucket({ rate: 100, per: "1m" }) },
      { onUnavailable: "closed" },
    );
    const keys = { user: "ada", address: "203.0.113.9" };
    const decisions = [];
    for (let call = 0; call < 4; call += 1) {
      decisions.push(await limiter.limit(keys));
    }
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    expect(decisions[3]).toMatchObject({ limitedBy: "user", remaining: 0, source: "redis" });
    expect(decisions[3]?.retryAfterMs).toBeGreaterThan(0);
  });

  it("lock: one holder, a rising token, and the next one waits its turn", async () => {
    const lock = startCore().lock("report", { lease: "10s" });
    const held = await lock.tryAcquire();
    expect(await lock.tryAcquire()).toBeNull();
    const next = startCore().lock("report").acquire({ wait: "10s" });
    expect(await held?.release()).toBe(true);
    await using second = await next;
    expect(second.token).toBeGreaterThan(held?.token ?? 0n);
  });

  it("sessions: create, verify, update, rotate, list, revoke", async () => {
    const sessions = startCore().sessions<{ theme: string }>({ idle: "1h", absolute: "1d" });
    const { token } = await sessions.create({ userId: "ada", data: { theme: "dark" } });
    expect(await sessions.verify(token)).toMatchObject({ userId: "ada", data: { theme: "dark" } });
    await sessions.update(token, { theme: "light" });
    expect((await sessions.verify(token))?.data).toEqual({ theme: "light" });
    const rotated = await sessions.rotate(token);
    expect(await sessions.list("ada")).toHaveLength(1);
    await sessions.revokeAll("ada");
    expect(await sessions.verify(rotated?.token ?? "")).toBeNull();
    expect(await sessions.verify(token)).toBeNull();
  });

  it("leaderboard: ranks, ties by who was first, neighbours", async () => {
    const board = startCore().leaderboard("arena", { update: "increment", periods: ["day", "all"] });
    await board.submit("ada", 5);
    await board.submit("bo", 9, { operationId: "op-1" });
    expect(await board.submit("bo", 9, { operationId: "op-1" })).toMatchObject({ score: 9, rank: 1 });
    await board.submit("cy", 5);
    await board.submit("di", -0.5);
    const fractions = startCore().leaderboard("fractions", { update: "set" });
    for (const score of [Number.NEGATIVE_INFINITY, 1.5e21, Number.POSITIVE_INFINITY]) {
      await fractions.submit(`m${score}`, score);
    }
    expect((await fractions.top(3)).map(({ score }) => score)).toEqual([Infinity, 1.5e21, -Infinity]);
    const top = await board.top(10);
    expect(top.map(({ member, rank }) => [member, rank])).toEqual([
      ["bo", 1],
      ["ada", 2],
      ["cy", 3],
      ["di", 4],
    ]);
    expect(await board.get("nobody")).toEqual({ rank: null, score: 0 });
    expect((await board.around("ada", 1)).map(({ member }) => member)).toEqual(["bo", "ada", "cy"]);
  });

  it("counter: counts a viewer once, and finds the top", async () => {
    const views = startCore().counter("views");
    expect(await views.increment("a", { viewer: "ada" })).toBe(1);
    expect(await views.increment("a", { viewer: "ada" })).toBe(1);
    expect(await views.increment("b", { by: 5 })).toBe(5);
    expect(await views.top(1)).toEqual([{ item: "b", count: 5 }]);
    const busy = startCore().counter("busy", { trending: { halfLife: "1h" }, forget: "1d", writeBehind: true });
    await busy.increment("a", { by: 2 });
    expect((await busy.trending(1))[0]?.weight).toBeGreaterThan(1.9);
    expect(await busy.top(1)).toEqual([{ item: "a", count: 2 }]);
    expect(await busy.flush(({ counts }) => expect([...counts]).toEqual([["a", 2]]))).toMatchObject({ items: 1 });
  });

  it("analytics: counts views, visitors and pages once", async () => {
    const site = startCore().analytics("blog", { most: { page: 2 } });
    const visitor = { address: "203.0.113.9", userAgent: "Test/1" };
    expect(await site.track({ path: "/", visitor, id: "view-1" })).toBe("counted");
    expect(await site.track({ path: "/", visitor, id: "view-1" })).toBe("repeated");
    await site.trackMany(["/a", "/b", "/b", "/b"].map((path) => ({ path, visitor: { member: "ada" } })));
    const stretch = { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 };
    const { total } = await site.report({ ...stretch, by: "hour" });
    expect(total).toMatchObject({ views: 5, visits: 2, bounces: 1 });
    const { labels, other } = await site.top("page", stretch);
    expect(labels[0]).toEqual({ label: "/b", views: 3, mayMiss: 0 });
    expect(labels.reduce((sum, { views }) => sum + views, other)).toBe(5);
    expect((await site.page("/b", { ...stretch, by: "day" })).visitors).toBe(1);
    expect(await site.activeMembers("week")).toBe(1);
    expect(await site.now()).toBeGreaterThan(0);
  });

  it("channel: hears, or fails with the error that names the alternative", async () => {
    const channel = startCore().channel<string>("news");
    const heard = Promise.withResolvers<string>();
    const subscribing = channel.subscribe((message) => heard.resolve(message));
    if (!get().port.capabilities.subscribe) {
      await expect(subscribing).rejects.toMatchObject({ code: "UNSUPPORTED_BY_TRANSPORT" });
      return;
    }
    const subscription = await subscribing;
    await channel.publish("hello");
    expect(await heard.promise).toBe("hello");
    await subscription.close();
  });

  it("monitor: figures, keys and check of every master, whatever the server withholds", async () => {
    const { port } = get();
    const monitor = startCore().monitor();
    const masters = await port.eachMaster((master) => master.command("PING", []));
    const figures = await monitor.figures();
    expect(figures).toHaveLength(masters.length);
    expect(new Set(figures.map(({ node }) => node)).size).toBe(masters.length);
    for (const { memory, commands } of figures) {
      expect([memory.ok, commands.ok]).toEqual([true, true]);
    }
    const [keys] = await monitor.describeKeys();
    const kinds = keys?.ok === true ? keys.value.kinds.map(({ area, kind }) => `${area}:${kind}`) : [];
    expect(kinds).toEqual(expect.arrayContaining(["leaderboard:order", "counter:values"]));
    const { findings } = await monitor.check();
    expect(findings.filter(({ code }) => code === "server")).toHaveLength(masters.length);
    const faults = ["commands-missing", "no-scripts", "is-replica", "cluster-not-whole", "away"];
    expect(findings.filter(({ code }) => faults.includes(code))).toEqual([]);
    expect(await monitor.memoryUsage("{none}")).toEqual({ ok: true, value: null });
  });

  it("channel with replay: keeps, follows and hands over, or reads pages and names them", async () => {
    const channel = startCore().channel<number>("log", { delivery: "replay" });
    for (const value of [1, 2, 3]) {
      await channel.publish(value, { operationId: `op-${value}` });
    }
    expect(await channel.publish(3, { operationId: "op-3" })).toMatch(/^\d+-\d+$/);
    const page = await channel.read({ limit: 2 });
    expect(page.events).toMatchObject([{ message: 1 }, { message: 2 }]);
    expect((await channel.read({ cursor: page.cursor })).events).toMatchObject([{ message: 3 }]);
    if (!get().port.capabilities.subscribe) {
      const unsupported = expect.objectContaining({ code: "UNSUPPORTED_BY_TRANSPORT" });
      await expect(channel.subscribe(() => {})).rejects.toEqual(unsupported);
      await expect(channel.subscribe(() => {})).rejects.toThrow("read({ cursor })");
      expect(() => channel.stream()).toThrow(unsupported);
      await expect(channel.consumer("sum").run(() => {})).rejects.toEqual(unsupported);
      return;
    }
    const [heard, consumed]: number[][] = [[], []];
    await channel.subscribe((value) => void heard?.push(value), { from: "start" });
    const first = await channel.consumer("sum").run((value) => void consumed?.push(value));
    await channel.publish(4);
    await eventually(() => expect([heard, consumed]).toEqual([[1, 2, 3, 4], [1, 2, 3, 4]]));
    await first.close();
    await channel.publish(5);
    await channel.consumer("sum").run((value) => void consumed?.push(value));
    await eventually(() => expect(consumed).toEqual([1, 2, 3, 4, 5]));
  });

  it("presence: who is where, by tabs and by heartbeats, or by heartbeats alone", async () => {
    const options = { grace: 0, heartbeatTtl: 1_500, site: "site" };
    const presence = startCore().presence<string>(options);
    await presence.heartbeat("lobby", { userId: "cy", meta: "phone" });
    const list = async (room: string) => (await presence.list(room)).users.map(({ userId }) => userId);
    expect(await list("lobby")).toEqual(["cy"]);
    expect(await presence.count("site")).toEqual({ users: 1, connections: 0 });
    if (get().port.capabilities.subscribe) {
      const events: string[] = [];
      const ending = new AbortController();
      onTestFinished(() => ending.abort());
      const following = presence.onChange("lobby", { signal: ending.signal });
      const watching = (async () => {
        for await (const event of following) {
          events.push(event.type === "snapshot" ? "snapshot" : `${event.type} ${event.userId}`);
        }
      })();
      await eventually(() => expect(events).toEqual(["snapshot"]));
      const tab = await presence.join("lobby", { userId: "ada", connectionId: "1", meta: "laptop" });
      await tab.update({ state: "idle" });
      expect((await presence.connections("lobby")).connections).toMatchObject([
        { userId: "ada", state: "idle", meta: "laptop" },
      ]);
      await eventually(async () => expect((await presence.rooms("ada")).toSorted()).toEqual(["lobby", "site"]));
      expect([...(await presence.online("lobby", ["ada", "bo", "cy"]))]).toEqual(["ada", "cy"]);
      await tab.leave();
      await eventually(async () => {
        expect(events.filter((each) => each.includes("ada"))).toEqual(["join ada", "update ada", "leave ada"]);
        expect([...(await presence.lastSeen(["ada"])).keys()]).toEqual(["ada"]);
      });
      ending.abort();
      await watching;
    } else {
      const joining = presence.join("lobby", { userId: "ada", connectionId: "1" });
      await expect(joining).rejects.toMatchObject({ code: "UNSUPPORTED_BY_TRANSPORT" });
      await expect(joining).rejects.toThrow("heartbeat");
      expect(() => presence.onChange("lobby", { signal: new AbortController().signal })).toThrow("presence.list");
    }
    await eventually(async () => expect(await list("lobby")).toEqual([]));
  });

  it("leaves no key without a TTL, but for the boards of all time", async () => {
    const { port } = get();
    const names = await scanAll(port, `${prefix}:*`);
    expect(names.length).toBeGreaterThan(5);
    const ttls = await port.batch(names.map((name) => ({ name: "PTTL", keys: [name], args: [] })));
    const permanent = names.filter((_, index) => ttls[index]?.ok === true && ttls[index].reply === -1);
    expect(permanent.filter((name) => !name.includes(":leaderboard:"))).toEqual([]);
  });

  it("an outage is an error of the two kinds, whatever the primitive asks", async () => {
    const { proxyOf } = get();
    const core = startCore();
    const proxy = proxyOf(core.keys.counter.values("outage"));
    onTestFinished(() => proxy.setMode("pass"));
    await proxy.setMode("refuse");
    await expect(core.counter("outage").increment("a")).rejects.toSatisfy(isOutage);
  });
}
