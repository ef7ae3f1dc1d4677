import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type TcpProxy, startTcpProxy } from "@cardinal/dev";

let proxy: TcpProxy;
let redis: Redis;
let direct: Redis;
let key: string;

function connectThroughProxy(): Redis {
  const client = new Redis(proxy.url(), {
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  client.on("error", () => {});
  return client;
}

beforeEach(async ({ task }) => {
  const url = new URL(inject("redisUrl"));
  direct = new Redis(inject("redisUrl"));
  proxy = await startTcpProxy({ target: { host: url.hostname, port: Number(url.port) } });
  redis = connectThroughProxy();
  await redis.connect();
  key = `tcp-proxy:${task.id}`;
});

afterEach(async () => {
  redis.disconnect();
  await direct.del(key);
  direct.disconnect();
  await proxy.stop();
});

const closed = () => new Promise<void>((resolve) => void redis.once("end", resolve));

test("passes requests and replies and counts them", async () => {
  const before = proxy.counters();
  await redis.set(key, "x".repeat(300_000));
  expect((await redis.get(key))?.length).toBe(300_000);
  expect(proxy.counters().requests).toBeGreaterThan(before.requests);
  expect(proxy.counters().cuts).toBe(0);
});

test("delays both directions and keeps the order", async () => {
  await proxy.setMode("delay", { delayMs: 30, jitterMs: 20 });
  const startedAt = performance.now();
  await Promise.all(["1", "2", "3", "4"].map((part) => redis.append(key, part)));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(58);
  expect(await direct.get(key)).toBe("1234");
});

test("holds everything while stalled, accepts connections, and lets it go afterwards", async () => {
  await proxy.setMode("stall");
  let settled = false;
  const pending = redis.incr(key).finally(() => {
    settled = true;
  });
  const second = connectThroughProxy();
  const connected = new Promise((resolve) => void second.once("connect", resolve));
  void second.connect().catch(() => {});
  await connected;
  expect(await direct.get(key)).toBeNull();
  expect(settled).toBe(false);
  await proxy.setMode("pass");
  expect(await pending).toBe(1);
  second.disconnect();
});

test("a half-open connection stays silent for good, a new one works", async () => {
  await proxy.setMode("half-open", { direction: "replies" });
  const lost = redis.incr(key);
  lost.catch(() => {});
  await expect.poll(() => direct.get(key)).toBe("1");
  await proxy.setMode("pass");
  const second = connectThroughProxy();
  await second.connect();
  expect(await second.incr(key)).toBe(2);
  expect(await Promise.race([lost, second.ping()])).toBe("PONG");
  second.disconnect();
});

test("cuts before the request: the target never carries it out", async () => {
  await proxy.setMode("cut-before-request");
  await expect(redis.incr(key)).rejects.toThrow();
  expect(await direct.get(key)).toBeNull();
});

test("cuts after the request: the target has carried it out when the caller learns of the cut", async () => {
  await proxy.setMode("cut-after-request-before-reply", { match: /incr/i, times: 1 });
  expect(await redis.ping()).toBe("PONG");
  await expect(redis.incr(key)).rejects.toThrow();
  expect(await direct.get(key)).toBe("1");
  const second = connectThroughProxy();
  await second.connect();
  expect(await second.incr(key)).toBe(2);
  expect(proxy.counters().cuts).toBe(1);
  second.disconnect();
});

test("cuts every n-th matching request only", async () => {
  await proxy.setMode("cut-before-request", { match: "incr", every: 3 });
  expect(await redis.incr(key)).toBe(1);
  expect(await redis.incr(key)).toBe(2);
  await expect(redis.incr(key)).rejects.toThrow();
});

test("resets open connections, and new ones as they come", async () => {
  const ended = closed();
  await proxy.setMode("reset");
  await ended;
  const second = connectThroughProxy();
  await second.connect().catch(() => {});
  await expect(second.ping()).rejects.toThrow();
  second.disconnect();
});

test("refuses connections, then listens on the same port again", async () => {
  const { port } = proxy;
  await proxy.setMode("refuse");
  await expect(connectThroughProxy().connect()).rejects.toThrow();
  await proxy.setMode("pass");
  expect(proxy.port).toBe(port);
  const second = connectThroughProxy();
  await second.connect();
  expect(await second.ping()).toBe("PONG");
  second.disconnect();
});

test("cuts all connections on demand", async () => {
  const ended = closed();
  expect(proxy.cutAll()).toBe(1);
  await ended;
});
