import { startCluster, startRedis, startUpstashGateway } from "@cardinal/dev";
import { createRedisCore, type RedisCore, type RedisPort } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { formatPrometheus } from "@cardinal/redis-core/monitor";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis as UpstashRedis } from "@upstash/redis";
import { createClient } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { countCommands } from "./support/count-commands.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

async function connect(url: string, options: Parameters<typeof createRedisCore>[0] | object = {}) {
  const redis = connectRedis({ target: url, deadlineMs: 5_000 });
  onTestFinished(() => redis.close());
  await redis.ready(AbortSignal.timeout(10_000));
  return { redis, core: createRedisCore({ prefix: "watched", ...options, redis: redis.port }) };
}

/** A Redis of its own: what is measured is the whole server. */
async function startOwn(config: readonly string[] = []) {
  const server = await startRedis({ config });
  onTestFinished(() => server.stop());
  return { server, ...(await connect(server.url)) };
}

function codesOf({ findings }: Awaited<ReturnType<ReturnType<RedisCore["monitor"]>["check"]>>) {
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

async function fill(core: RedisCore, port: RedisPort): Promise<void> {
  const users = core.cache<{ about: string }>("user", { ttl: "1h" });
  for (let id = 0; id < 20; id += 1) {
    await users.set(String(id), { about: "x".repeat(id === 7 ? 20_000 : 100) });
  }
  await core.leaderboard("arena", { update: "best", periods: ["day", "all"] }).submit("ada", 1);
  await port.command("SET", ["{jobs}:1"], ["x", "PX", 60_000]);
  await port.command("SET", ["forgotten"], ["x".repeat(3_000)]);
  await port.command("SET", [core.keys.session.ofUser("ada")], ["x"]);
}

describe("figures", () => {
  it("tell memory, hits, operations, clients, evictions and commands in one round trip", async () => {
    const { core, redis } = await startOwn(["maxmemory 100mb", "maxmemory-policy allkeys-lru"]);
    await redis.port.command("SET", ["a"], ["1"]);
    await redis.port.command("GET", ["a"], []);
    await redis.port.command("GET", ["b"], []);
    const [node, ...others] = await core.monitor().figures();
    expect(others).toEqual([]);
    expect(node).toMatchObject({
      roles: ["state", "cache"],
      node: "single",
      server: { ok: true, value: { flavour: expect.any(String), mode: "standalone" } },
      memory: { ok: true, value: { maxBytes: 104_857_600, policy: "allkeys-lru" } },
      hits: { ok: true, value: { hits: 1, misses: 1, hitRate: 0.5 } },
      clients: { ok: true, value: { connected: 1, blocked: 0 } },
      evictions: { ok: true, value: { evicted: 0 } },
      keys: { ok: true, value: 1 },
    });
    const commands = node?.commands.ok === true ? node.commands.value : [];
    expect(commands.find(({ command }) => command === "get")?.calls).toBe(2);
    expect(await countCommands(redis.port, () => core.monitor().figures())).toEqual({ info: 2 });
  });

  it("become Prometheus' text under the names of redis_exporter", async () => {
    const { core } = await startOwn();
    const samples = await core.monitor().metrics();
    const text = formatPrometheus(samples);
    expect(text).toMatch(/^# HELP redis_up .+\n# TYPE redis_up gauge\n/);
    expect(text).toContain('\nredis_up{role="state+cache",node="single"} 1\n');
    expect(text).toMatch(/^redis_memory_used_bytes\{.+\} \d+$/m);
    expect(text).toMatch(/^redis_commands_duration_seconds_total\{.*cmd="info"\} [\d.e-]+$/m);
    expect(text.match(/# TYPE redis_commands_total counter/g)).toHaveLength(1);
    const label = formatPrometheus([
      { name: "x", type: "gauge", help: "h", labels: { a: 'q"\\\n' }, value: Number.POSITIVE_INFINITY },
    ]);
    expect(label).toBe('# HELP x h\n# TYPE x gauge\nx{a="q\\"\\\\\\n"} +Inf\n');
  });

  it("have a reason instead of a value while Redis is away, and nothing throws", async () => {
    const { core, server } = await startOwn();
    const monitor = core.monitor({ deadlineMs: 300 });
    await server.stop();
    const [node] = await monitor.figures();
    expect(node?.memory).toEqual({ ok: false, why: "away", reason: expect.stringMatching(/^Redis is away/) });
    expect(formatPrometheus(await monitor.metrics())).toContain('redis_up{role="state+cache",node="single"} 0');
    expect(codesOf(await monitor.check())).toEqual(["error away"]);
    expect(await monitor.memoryUsage("a")).toMatchObject({ ok: false });
    expect(await monitor.describeKeys()).toMatchObject([{ ok: false }]);
    expect((await monitor.slowCalls())[0]?.calls.ok).toBe(false);
    expect((await monitor.latency())[0]?.ping.ok).toBe(false);
    expect(await monitor.adviseMemory()).toMatchObject({ largest: [], withoutTtl: [] });
  });
});

describe("keys", () => {
  it("are counted and weighed by area, without KEYS, and the large and the forgotten are named", async () => {
    const { core, redis } = await startOwn(["maxmemory-policy allkeys-lru"]);
    await fill(core, redis.port);
    const monitor = core.monitor();
    const otherAreas = { jobs: "{jobs}:" };
    const used = await countCommands(redis.port, async () => {
      const [report] = await monitor.describeKeys({ otherAreas });
      expect(report).toMatchObject({ ok: true, value: { isComplete: true, roles: ["state", "cache"] } });
      const kinds = report?.ok === true ? report.value.kinds : [];
      const find = (area: string, kind: string) =>
        kinds.find((each) => each.area === area && each.kind === kind);
      expect(kinds[0]).toMatchObject({ area: "cache", kind: "entry", keys: 20, withoutTtl: 0, sampled: 20 });
      expect(find("cache", "entry")?.bytes).toMatchObject({ ok: true });
      expect(find("jobs", "")).toMatchObject({ keys: 1 });
      expect(find("other", "")).toMatchObject({ keys: 1, withoutTtl: 1 });
      expect(find("session", "user")).toMatchObject({ keys: 1, withoutTtl: 1 });
    });
    expect(used).not.toHaveProperty("keys");

    const advice = await monitor.adviseMemory({ otherAreas });
    expect(advice.largest[0]).toMatchObject({ area: "cache", kind: "entry" });
    expect(advice.largest[0]?.bytes).toBeGreaterThan(20_000);
    // The board of all time may stay.
    expect(advice.withoutTtl.map(({ key }) => key)).toEqual(["forgotten", core.keys.session.ofUser("ada")]);
    const codes = advice.findings.map(({ code }) => code);
    expect(codes).toEqual(["state-evicts", "no-memory-limit", "roles-shared"]);
    expect(advice.hidden).toEqual([]);
    expect(await monitor.memoryUsage("forgotten")).toMatchObject({ ok: true });
    expect(await monitor.memoryUsage("nothing")).toEqual({ ok: true, value: null });
  });

  it("past a bound are estimated from those seen", async () => {
    const { core, redis } = await startOwn();
    await redis.port.command("EVAL", [], ["for i = 1, 20000 do redis.call('SET', 'k' .. i, 'x') end", 0]);
    const [report] = await core.monitor().describeKeys({ maxKeys: 2_000, sampleKeys: 10 });
    expect(report).toMatchObject({ ok: true, value: { isComplete: false, total: 20_000, scanned: 2_000 } });
    const [kind] = report?.ok === true ? report.value.kinds : [];
    expect(kind).toMatchObject({ area: "other", sampled: 10, withoutTtl: 20_000, keys: 20_000 });
    const left = AbortSignal.abort(new Error("left"));
    await expect(core.monitor().describeKeys({ signal: left })).rejects.toThrow("left");
  });
});

it("slow calls show the command and the area, never an argument", async () => {
  const { core } = await startOwn(["slowlog-log-slower-than 0"]);
  await core.cache<string>("user", { ttl: "1m" }).set("ada", "secret-value");
  const [node] = await core.monitor().slowCalls();
  const calls = node?.calls.ok === true ? node.calls.value : [];
  expect(calls).toContainEqual(expect.objectContaining({ area: expect.stringMatching(/^cache:/) }));
  expect(JSON.stringify(calls)).not.toContain("secret-value");
  expect(JSON.stringify(calls)).not.toContain("ada");
});

it("latency is the ping from here and the server's own percentiles", async () => {
  const { core } = await startOwn(["latency-monitor-threshold 1"]);
  const [node] = await core.monitor().latency();
  expect(node).toMatchObject({ ping: { ok: true }, commands: { ok: true }, events: { ok: true, value: [] } });
});

describe("the check", () => {
  it("finds nothing to mend on a server that is set up as docs/hosting.md says", async () => {
    const config = ["maxmemory 100mb", "maxmemory-policy noeviction", "appendonly yes"];
    const server = await startRedis({ config });
    onTestFinished(() => server.stop());
    const { redis } = await connect(server.url);
    const rights = ["~*", "&*", "+@all", "-@dangerous", "+info"];
    await redis.port.command("ACL SETUSER", [], ["app", "on", ">secret", ...rights]);
    const { core } = await connect(server.url.replace("redis://", "redis://app:secret@"));
    const report = await core.monitor().check();
    expect(report.ok).toBe(true);
    expect(report.findings.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(codesOf(report)).toContain("info roles-shared");
  });

  it("says of each fault what it costs and how to mend it", async () => {
    const { core } = await startOwn(["maxmemory-policy allkeys-lru", 'save ""']);
    const report = await core.monitor().check();
    expect(report.ok).toBe(false);
    expect(codesOf(report)).toEqual([
      "error state-evicts",
      "warn no-memory-limit",
      "warn state-not-durable",
      "warn no-password",
      "info server",
      "info roles-shared",
    ]);
    const faults = report.findings.filter(({ severity }) => severity !== "info");
    for (const { found, cost, fix } of faults) {
      expect([found, cost, fix]).not.toContain("");
    }
  });

  it("judges each role by its own needs", async () => {
    const [state, cache] = await Promise.all([
      startRedis({ config: ["maxmemory 100mb", "appendonly yes"] }),
      startRedis({ config: ["maxmemory 50mb", "maxmemory-policy noeviction"] }),
    ]);
    onTestFinished(async () => void (await Promise.all([state.stop(), cache.stop()])));
    const { redis: cacheRedis } = await connect(cache.url);
    const { core } = await connect(state.url, { cacheRedis: cacheRedis.port });
    const report = await core.monitor().check();
    expect(report.findings.map(({ code, roles }) => `${roles.join("+")} ${code}`)).toEqual([
      "state no-password",
      "cache cache-does-not-evict",
      "cache no-password",
      "state server",
      "cache server",
    ]);
  });

  it("finds shards behind one endpoint, where a limit over identities then works as on a Cluster", async () => {
    // A Cluster of one node enforces slots, and a plain client is served.
    const shards = await startCluster({ masters: 1 });
    onTestFinished(() => shards.stop());
    const [url = ""] = shards.urls;
    const { core } = await connect(url);
    expect(codesOf(await core.monitor().check())).toContain("error slots-enforced");
    await using redis = connectRedis({ target: url, topology: "cluster", deadlineMs: 5_000 });
    await redis.ready(AbortSignal.timeout(10_000));
    await using told = createRedisCore({ redis: redis.port, prefix: "told" });
    expect(codesOf(await told.monitor().check()).join()).not.toContain("slots-enforced");
    const rules = { user: slidingWindow(1, "1m"), address: slidingWindow(5, "1m") };
    const limiter = told.limiter("api", rules, { onUnavailable: "closed" });
    const keys = { user: "ada", address: "203.0.113.9" };
    expect([(await limiter.limit(keys)).allowed, (await limiter.limit(keys)).allowed]).toEqual([true, false]);
  });

  it("knows a replica, and memory that is nearly gone", async () => {
    const { server, redis, core } = await startOwn();
    const replica = await startRedis({ config: [`replicaof 127.0.0.1 ${server.port}`] });
    onTestFinished(() => replica.stop());
    const { core: wrong } = await connect(replica.url);
    expect(codesOf(await wrong.monitor().check())).toContain("error is-replica");
    const [node] = await core.monitor().figures();
    const usedBytes = node?.memory.ok === true ? node.memory.value.usedBytes : 0;
    await redis.port.command("CONFIG SET", [], ["maxmemory", Math.ceil(usedBytes * 1.1)]);
    expect(codesOf(await core.monitor().check()).join()).toMatch(/memory-nearly-full/);
  });
});

describe("what a server refuses", () => {
  it("is hidden with the reason, and the rest is shown (ACL)", async () => {
    const { server, redis } = await startOwn();
    const rights = ["~watched:*", "&*", "+@all", "-@dangerous", "-memory", "-time", "-acl"];
    await redis.port.command("ACL SETUSER", [], ["app", "on", ">secret", ...rights]);
    const { core } = await connect(server.url.replace("redis://", "redis://app:secret@"));
    const monitor = core.monitor();
    const [node] = await monitor.figures();
    expect(node?.memory).toEqual({ ok: false, why: "forbidden", reason: "this user may not run INFO" });
    expect(node?.isUp).toBe(true);
    expect((await monitor.slowCalls())[0]?.calls).toMatchObject({ reason: "this user may not run SLOWLOG" });
    expect(await monitor.memoryUsage("watched:x")).toMatchObject({ reason: "this user may not run MEMORY USAGE" });
    const report = await monitor.check();
    expect(report.findings.filter(({ code }) => code === "unchecked").map(({ found }) => found)).toEqual(
      expect.arrayContaining(["the ACL user could not be checked: this user may not run ACL WHOAMI"]),
    );
    const [keys] = await monitor.describeKeys();
    expect(keys).toMatchObject({ ok: true });
  });

  it.each(["node-redis", "upstash"])("is no reason to fail over %s", async (client) => {
    const { server, redis, core: direct } = await startOwn();
    await fill(direct, redis.port);
    const port = await (client === "upstash" ? overUpstash(server.url) : overNodeRedis(server.url));
    const core = createRedisCore({ redis: port, prefix: "watched" });
    const monitor = core.monitor();
    const [figures] = await monitor.figures();
    const [keys] = await monitor.describeKeys();
    const report = await monitor.check();
    expect(figures).toMatchObject({ memory: { ok: true }, hits: { ok: true }, commands: { ok: true } });
    expect(keys).toMatchObject({ ok: true, value: { isComplete: true } });
    expect(codesOf(report)).toContain("warn state-not-durable");
    expect((await monitor.latency())[0]?.ping.ok).toBe(true);
  });
});

it("round trips are counted by primitive and role where there is telemetry", async () => {
  const { redis } = await startOwn();
  const telemetry = recordTelemetry();
  const core = createRedisCore({ redis: redis.port, prefix: "watched", telemetry });
  onTestFinished(() => core.close());
  const total = (primitive: string) => telemetry.total("redis_round_trips_total", { primitive, role: "state" });
  const users = core.cache<string>("user", { ttl: "1m" });
  await users.set("ada", "x");
  const writing = total("cache");
  await users.get("ada");
  expect(total("cache") - writing).toBe(1);
  await core.counter("views").increment("a");
  await core.counter("views").top(3);
  expect(total("counter")).toBe(2);
  const held = await core.lock("report").tryAcquire();
  await held?.release();
  expect(total("locks")).toBe(2);
  await core.channel<string>("news").publish("x");
  expect(total("channel")).toBe(1);
});

async function overNodeRedis(url: string): Promise<RedisPort> {
  const client = createClient({ url, RESP: 2 });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return nodeRedisPort(client, { deadlineMs: 5_000 });
}

async function overUpstash(redisUrl: string): Promise<RedisPort> {
  const gateway = await startUpstashGateway({ redisUrl, token: "t" });
  onTestFinished(() => gateway.stop());
  const client = new UpstashRedis({ url: gateway.url, token: "t", retry: { retries: 0 } });
  return upstashPort(client, { deadlineMs: 5_000 });
}
