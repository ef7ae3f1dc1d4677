import { afterEach, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import type { SubscriptionHandlers } from "../src/port.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import type { Cache } from "../src/cache/index.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const l1 = { max: 1_000, ttl: "10m" } as const;

afterEach(() => {
  vi.useRealTimers();
});

/** Lets a test lose messages and report gaps as a broken connection would. */
function unreliable(env: TestCore) {
  const state = { lose: false, handlers: [] as SubscriptionHandlers[] };
  const subscribe = env.redis.port.subscribe.bind(env.redis.port);
  vi.spyOn(env.redis.port, "subscribe").mockImplementation((channels, handlers) => {
    state.handlers.push(handlers);
    return subscribe(channels, {
      ...handlers,
      onMessage: (message, channel) => {
        if (!state.lose) {
          handlers.onMessage(message, channel);
        }
      },
    });
  });
  return state;
}

/** Reads until the value comes from this process. */
async function intoL1<T>(cache: Cache<T>, key: string, value: T): Promise<void> {
  await eventually(async () => {
    await cache.getOrSet(key, () => value, { tags: [`tag-${key}`] });
    expect((await cache.getWithMeta(key)).tier).toBe("l1");
  });
}

test("two processes' worth of cores stay coherent over set, delete, tags and clear", async () => {
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const left = a.core.cache<string>("coherent", { ttl: "5m", l1 });
  const right = b.core.cache<string>("coherent", { ttl: "5m", l1 });
  const changes = [
    () => left.set("k", "new"),
    () => left.delete("k"),
    () => left.invalidateTags(["tag-k"]),
    () => left.clear(),
  ];
  for (const [round, change] of changes.entries()) {
    await intoL1(left, "k", `old ${round}`);
    await intoL1(right, "k", `old ${round}`);
    await intoL1(right, "bystander", "stays");
    await change();
    // The process that changed it sees it at once, the other with the message.
    const expected = round === 0 ? "new" : undefined;
    expect(await left.get("k")).toBe(expected);
    await eventually(async () => expect(await right.get("k")).toBe(expected));
    await left.delete("k");
    await eventually(async () => expect(await right.get("k")).toBeUndefined());
  }
  expect(await a.listPermanentKeys()).toEqual([]);
});

test("a message for one key or tag leaves the other copies alone", async () => {
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const left = a.core.cache<string>("precise", { ttl: "5m", l1 });
  const right = b.core.cache<string>("precise", { ttl: "5m", l1 });
  await intoL1(right, "k", "k");
  await intoL1(right, "j", "j");
  await intoL1(right, "i", "i");
  await left.delete("k");
  await left.invalidateTags(["tag-j"]);
  await eventually(async () => expect(await right.get("j")).toBeUndefined());
  expect(await right.get("k")).toBeUndefined();
  expect((await right.getWithMeta("i")).tier).toBe("l1");
});

test("a lost message shows as a hole with the next one, and flushes", async () => {
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const connection = unreliable(b);
  const left = a.core.cache<string>("hole", { ttl: "5m", l1 });
  const right = b.core.cache<string>("hole", { ttl: "5m", l1 });
  await intoL1(right, "k", "old");
  connection.lose = true;
  await left.set("k", "new");
  // Prove that the message has come and gone: pub/sub of one connection is in order.
  await eventually(async () => expect(await b.redis.port.command("PING", [], [])).toBe("PONG"));
  expect(await right.get("k")).toBe("old");
  connection.lose = false;
  await left.set("unrelated", "x");
  await eventually(async () => expect(await right.get("k")).toBe("new"));
});

test("a lost message shows with the next answer of Redis, and flushes when it is a second late", async () => {
  const clock = manualClock();
  await using a = await createTestCore(url, { clock });
  await using b = await createTestCore(url, { prefix: a.prefix, clock });
  const connection = unreliable(b);
  const left = a.core.cache<string>("late", { ttl: "5m", l1 });
  const right = b.core.cache<string>("late", { ttl: "5m", l1 });
  await intoL1(right, "k", "old");
  connection.lose = true;
  await left.set("k", "new");
  await right.get("something else");
  await right.getOrSet("something else", () => "x");
  clock.advance(1_001);
  expect(await right.get("k")).toBe("new");
});

test("lost messages are looked for every 5 s", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const connection = unreliable(b);
  const left = a.core.cache<string>("quiet", { ttl: "5m", l1 });
  const right = b.core.cache<string>("quiet", { ttl: "5m", l1 });
  const until = async (check: () => Promise<boolean>) => {
    for (let attempt = 0; attempt < 1_000 && !(await check()); attempt += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await check()).toBe(true);
  };
  await until(async () => {
    await right.getOrSet("k", () => "old");
    return (await right.getWithMeta("k")).tier === "l1";
  });
  connection.lose = true;
  await left.set("k", "new");
  expect(await right.get("k")).toBe("old");
  vi.advanceTimersByTime(5_000);
  await until(async () => (await right.get("k")) === "new");
});

test("a connection that was lost flushes everything", async () => {
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const connection = unreliable(b);
  const left = a.core.cache<string>("gap", { ttl: "5m", l1 });
  const right = b.core.cache<string>("gap", { ttl: "5m", l1 });
  await intoL1(right, "k", "old");
  connection.lose = true;
  await left.set("k", "new");
  connection.handlers.forEach((handlers) => handlers.onGap?.());
  expect(await right.get("k")).toBe("new");
});

test("a copy lives no longer than l1.ttl and than its entry", async () => {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  const cache = env.core.cache<string>("short", { ttl: "1m", jitter: 0, l1: { max: 10, ttl: "10s" } });
  await intoL1(cache, "k", "v");
  clock.advance(9_999);
  expect((await cache.getWithMeta("k")).tier).toBe("l1");
  clock.advance(1);
  expect((await cache.getWithMeta("k")).tier).toBe("l2");
  clock.advance(49_000);
  await cache.get("k");
  clock.advance(1_000);
  expect(await cache.get("k")).toBeUndefined();
});
