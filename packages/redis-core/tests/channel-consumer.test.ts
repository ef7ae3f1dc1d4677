import { once } from "node:events";
import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import type { ConsumerOptions } from "../src/channel/index.ts";
import { createRedisCore, type RedisCore } from "../src/core.ts";
import { Misuse } from "../src/errors.ts";
import type { ConsumerNews } from "./support/consumer-worker.ts";
import { countCommands } from "./support/count-commands.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");

function numbersOf(core: RedisCore, retain = 100_000) {
  return core.channel<number>("numbers", { delivery: "replay", retain });
}

function consumerOf({ core }: Pick<TestCore, "core">, options: ConsumerOptions = {}) {
  return numbersOf(core).consumer("sum", options);
}

async function publish(test: TestCore, from: number, to: number): Promise<void> {
  const channel = numbersOf(test.core);
  for (let value = from; value <= to; value += 1) {
    await channel.publish(value);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("a named consumer", () => {
  it("handles everything in order, one process at a time, and goes on where it was acknowledged", async () => {
    await using one = await createTestCore(url);
    await using two = await createTestCore(url, { prefix: one.prefix });
    await publish(one, 1, 30);
    const seen: [string, number][] = [];
    let atWork = 0;
    const handlerOf = (name: string) => async (value: number) => {
      atWork += 1;
      expect(atWork).toBe(1);
      await one.redis.port.command("PING", [], []);
      atWork -= 1;
      seen.push([name, value]);
    };
    const first = await consumerOf(one).run(handlerOf("one"));
    await consumerOf(two).run(handlerOf("two"));
    await eventually(() => expect(seen).toHaveLength(30));
    await first.close();
    await publish(one, 31, 60);
    await eventually(() => expect(seen).toHaveLength(60));
    expect(seen.map(([, value]) => value)).toEqual(upTo(60));
    expect(seen.slice(0, 30).every(([name]) => name === "one")).toBe(true);
    expect(seen.slice(30).every(([name]) => name === "two")).toBe(true);
    expect(await one.listPermanentKeys()).toEqual([]);
  });

  it("delivers again what was not acknowledged, and never what was", async () => {
    await using test = await createTestCore(url);
    await publish(test, 1, 5);
    const first: number[] = [];
    for await (const event of consumerOf(test).stream()) {
      if (event.type === "message") {
        first.push(event.message);
        if (event.message === 3) {
          await event.acknowledge();
        }
        if (event.message === 4) {
          break;
        }
      }
    }
    const second: number[] = [];
    for await (const event of consumerOf(test).stream()) {
      second.push(event.type === "message" ? event.message : Number.NaN);
      if (second.length === 2) {
        break;
      }
    }
    expect([first, second]).toEqual([[1, 2, 3, 4], [4, 5]]);
  });

  it("keeps its own place: consumers of other names, and readers, do not touch it", async () => {
    await using test = await createTestCore(url);
    await publish(test, 1, 3);
    const seen: Record<string, number[]> = { sum: [], index: [], late: [] };
    const run = async (name: string, options: ConsumerOptions = {}) =>
      await numbersOf(test.core).consumer(name, options).run((value) => void seen[name]?.push(value));
    await run("sum");
    await run("index", { from: "start" });
    await run("late", { from: "now" });
    await publish(test, 4, 4);
    await eventually(() => expect(seen).toEqual({ sum: [1, 2, 3, 4], index: [1, 2, 3, 4], late: [4] }));
    expect(() => numbersOf(test.core).consumer("")).toThrow(Misuse);
  });

  it("tells of messages that were trimmed before it came to them", async () => {
    await using test = await createTestCore(url);
    const channel = numbersOf(test.core, 4);
    const consumer = channel.consumer("sum", { batch: 2 });
    const seen: (number | string)[] = [];
    const pause = deferred<undefined>();
    await channel.publish(1);
    await consumer.run(
      async (value) => {
        seen.push(value);
        await pause.promise;
      },
      { onGap: () => void seen.push("gap") },
    );
    await eventually(() => expect(seen).toEqual([1]));
    for (const value of [2, 3, 4, 5, 6, 7]) {
      await channel.publish(value);
    }
    pause.resolve(undefined);
    await eventually(() => expect(seen).toEqual([1, "gap", 4, 5, 6, 7]));
  });

  it("tries a message again whose handler throws, until it is told to skip it", async () => {
    await using test = await createTestCore(url);
    await publish(test, 1, 3);
    const tried: number[] = [];
    await consumerOf(test).run(
      (value) => {
        tried.push(value);
        if (value === 2) {
          throw new Error("poison");
        }
      },
      { onError: (_error, { attempt }) => (attempt < 3 ? "retry" : "skip") },
    );
    await eventually(() => expect(tried).toEqual([1, 2, 2, 2, 3]));
  });

  it("takes what follows and what came meanwhile in one round trip, and acknowledges many in one", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    await publish(test, 1, 500);
    const seen: number[] = [];
    const counts = await countCommands(test.redis.port, async () => {
      await consumerOf(test, { batch: 100 }).run((value) => void seen.push(value));
      await eventually(() => expect(seen).toHaveLength(500));
    });
    expect(seen).toEqual(upTo(500));
    // Six reads, each with what was acknowledged till then, and one acknowledgement under way at a time.
    expect(counts["evalsha"]).toBeLessThan(20);
  });

  it("whose process cannot reach Redis is told before another may begin, and takes up again later", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using direct = await createTestCore(redis.url);
    await using cut = connectRedis({ target: proxy.url(), deadlineMs: 300 });
    await cut.ready();
    await using core = createRedisCore({ redis: cut.port, prefix: direct.prefix });
    await publish(direct, 1, 1);
    const log: string[] = [];
    await consumerOf({ core }, { lease: 1_000 }).run(async (value, { signal }) => {
      if (value === 1 && log.length === 0) {
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        log.push("told");
        throw new Error("not done");
      }
      log.push(`cut ${value}`);
    });
    await proxy.setMode("stall");
    const running = await consumerOf(direct, { lease: 1_000 }).run((value) => void log.push(`direct ${value}`));
    await eventually(() => expect(log).toEqual(["told", "direct 1"]));
    await proxy.setMode("pass");
    await running.close();
    await publish(direct, 2, 2);
    await eventually(() => expect(log).toEqual(["told", "direct 1", "cut 2"]));
  });

  it("handles each message once while replies to its reads and acknowledgements are lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using direct = await createTestCore(redis.url);
    await using shaky = connectRedis({ target: proxy.url(), deadlineMs: 3_000 });
    await shaky.ready();
    await using core = createRedisCore({ redis: shaky.port, prefix: direct.prefix });
    const seen: number[] = [];
    await consumerOf({ core }, { batch: 4 }).run((value) => void seen.push(value));
    const match = direct.core.keys.channel.consumer("numbers", "sum");
    await proxy.setMode("cut-after-request-before-reply", { match, every: 5, times: 8 });
    await publish(direct, 1, 100);
    await eventually(() => expect(seen).toHaveLength(100));
    expect(seen).toEqual(upTo(100));
    await eventually(async () => {
      const cursor = await direct.redis.port.command("HGET", [match], ["cursor"]);
      expect(cursor).toBe((await numbersOf(direct.core).read({ limit: 1_000 })).cursor);
    });
    expect(proxy.counters().cuts).toBeGreaterThan(0);
  });

  it("killed again and again, hands over: nothing is lost, and nothing acknowledged comes twice", async () => {
    await using test = await createTestCore(url);
    const last = 400;
    const handled: number[] = [];
    const acknowledged = new Set<number>();
    const twice: number[] = [];
    const listen = (news: ConsumerNews | string) => {
      if (typeof news !== "string" && news.kind === "handled") {
        handled.push(news.value);
        if (acknowledged.has(news.value)) {
          twice.push(news.value);
        }
      } else if (typeof news !== "string") {
        acknowledged.add(news.value);
      }
    };
    await using workers = await startWorkers("consumer-worker.ts", 3, url, test.prefix, "700");
    for (const { process } of workers.all) {
      process.on("message", listen);
    }
    const publishing = publish(test, 1, last);
    for (const [index, { process }] of workers.all.slice(0, 2).entries()) {
      await eventually(() => expect(acknowledged.size).toBeGreaterThan(40 + index * 80));
      process.kill("SIGKILL");
      await once(process, "exit");
    }
    await publishing;
    // The news of an acknowledgement dies with its process, so the last one stands for all.
    await eventually(() => expect(acknowledged.has(last)).toBe(true));
    expect(twice).toEqual([]);
    // In order, but for a message that was handled and not yet acknowledged when its process died.
    expect([...new Set(handled)]).toEqual(upTo(last));
    expect(handled.length - last).toBeLessThanOrEqual(2);
  });
});
