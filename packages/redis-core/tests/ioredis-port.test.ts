import { setTimeout as delay } from "node:timers/promises";
import { type RunningRedis, startRedis, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import {
  isOutage,
  Misuse,
  OutcomeUnknown,
  type RedisPort,
  RedisReplyError,
  RedisUnavailable,
} from "@cardinal/redis-core";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { testScript } from "./support/test-script.ts";

const increment = testScript("increment", "return redis.call('INCR', KEYS[1])");

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** A connection through a proxy of its own, closed with the test. */
async function connectThroughProxy(deadlineMs = 1_500): Promise<RedisConnection & { proxy: TcpProxy }> {
  const proxy = await startTcpProxy({ target: redis });
  const connection = connectRedis({ target: proxy.url(), deadlineMs });
  onTestFinished(async () => {
    await connection.close();
    await proxy.stop();
  });
  await connection.ready();
  return { ...connection, proxy };
}

async function connectDirectly(checkSlots = false): Promise<RedisPort> {
  const connection = connectRedis({ target: redis.url, checkSlots });
  onTestFinished(() => connection.close());
  await connection.ready();
  return connection.port;
}

let keys = 0;
const newKey = () => `port-test:${(keys += 1)}`;

describe("replies", () => {
  it("are text, integers, null and lists, whatever the protocol", async () => {
    const port = await connectDirectly();
    const key = newKey();
    expect(await port.command("HSET", [key], ["a", 1, "b", "ä"])).toBe(2);
    expect(await port.command("HGETALL", [key], [])).toEqual(["a", "1", "b", "ä"]);
    expect(await port.command("HGET", [key], ["x"])).toBeNull();
    expect(await port.command("SET", [newKey()], ["x", "PX", 1_000])).toBe("OK");
    const failing = port.command("LPUSH", [key], ["x"]);
    await expect(failing).rejects.toThrow(RedisReplyError);
    await expect(failing).rejects.toMatchObject({ reply: "WRONGTYPE" });
  });

  it("of a batch stand by themselves, an error too", async () => {
    const port = await connectDirectly();
    const key = newKey();
    const results = await port.batch([
      { name: "SET", keys: [key], args: ["text"] },
      { name: "INCR", keys: [key], args: [] },
      { name: "GET", keys: [key], args: [] },
    ]);
    expect(results.map((result) => (result.ok ? result.reply : result.error.name))).toEqual([
      "OK",
      "RedisReplyError",
      "text",
    ]);
  });
});

describe("scripts", () => {
  it("recover from a server that forgot them, running once (F17)", async () => {
    const port = await connectDirectly();
    const key = newKey();
    for (let run = 1; run <= 5; run += 1) {
      await port.command("SCRIPT FLUSH", [], []);
      expect(await port.run(increment, [key], [])).toBe(run);
    }
  });

  it("never fail while the server forgets them all the time (F17)", async () => {
    const port = await connectDirectly();
    const key = newKey();
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) {
        await port.command("SCRIPT FLUSH", [], []);
        await delay(5);
      }
    })();
    await Promise.all(Array.from({ length: 500 }, () => port.run(increment, [key], [])));
    isDone = true;
    await flushing;
    expect(await port.command("GET", [key], [])).toBe("500");
  });

  it("with keys in different slots are refused where slots are checked, on one node too", async () => {
    const port = await connectDirectly(true);
    await expect(port.run(increment, ["{a}:1", "{b}:1"], [])).rejects.toThrow(Misuse);
    expect(await port.run(increment, ["{a}:1", "{b}:1"], [], { anySlot: true })).toBe(1);
  });
});

describe("a lost reply (F18)", () => {
  it("is OutcomeUnknown, and the command is not sent again", async () => {
    const { port, proxy, ready } = await connectThroughProxy();
    const key = newKey();
    await proxy.setMode("cut-after-request-before-reply", { match: key, times: 1 });
    await expect(port.command("INCR", [key], [])).rejects.toThrow(OutcomeUnknown);
    await ready();
    expect(await port.command("GET", [key], [])).toBe("1");
  });

  it("of a script is OutcomeUnknown, and the script ran once", async () => {
    const { port, proxy, ready } = await connectThroughProxy();
    const key = newKey();
    await port.run(increment, [key], []);
    await proxy.setMode("cut-after-request-before-reply", { match: key, times: 1 });
    await expect(port.run(increment, [key], [])).rejects.toThrow(OutcomeUnknown);
    await ready();
    expect(await port.command("GET", [key], [])).toBe("2");
  });

  it("is asked for again where the caller says that this is safe", async () => {
    const { port, proxy } = await connectThroughProxy(3_000);
    const key = newKey();
    await proxy.setMode("cut-after-request-before-reply", { match: key, times: 1 });
    expect(await port.command("SET", [key], ["x"], { resend: "once" })).toBe("OK");
    await proxy.setMode("cut-after-request-before-reply", { match: key });
    await expect(port.command("SET", [key], ["x"], { resend: "once" })).rejects.toThrow(OutcomeUnknown);
  });

  it("of a request that never arrived cannot be told from one that did: OutcomeUnknown", async () => {
    const { port, proxy, ready } = await connectThroughProxy();
    const key = newKey();
    await proxy.setMode("cut-before-request", { match: key, times: 1 });
    await expect(port.command("INCR", [key], [])).rejects.toThrow(OutcomeUnknown);
    await ready();
    expect(await port.command("GET", [key], [])).toBeNull();
  });

  it("leaves the counts between confirmed and confirmed plus unknown, and settles every call (T3)", async () => {
    const { port, proxy, ready } = await connectThroughProxy();
    const key = newKey();
    await proxy.setMode("cut-after-request-before-reply", { match: key, every: 7 });
    let confirmed = 0;
    let unknown = 0;
    for (let call = 0; call < 100; call += 1) {
      try {
        await port.command("INCR", [key], []);
        confirmed += 1;
      } catch (error) {
        expect(isOutage(error)).toBe(true);
        unknown += error instanceof OutcomeUnknown ? 1 : 0;
        await ready();
      }
    }
    await proxy.setMode("pass");
    const stored = Number(await port.command("GET", [key], []));
    expect(unknown).toBeGreaterThan(5);
    expect(stored).toBeGreaterThanOrEqual(confirmed);
    expect(stored).toBeLessThanOrEqual(confirmed + unknown);
  });
});

describe("Redis away", () => {
  it("is RedisUnavailable at once when it was never sent, and over when Redis is back", async () => {
    const { port, proxy, ready, health } = await connectThroughProxy();
    await proxy.setMode("refuse");
    await vi.waitFor(async () => expect((await health()).ok).toBe(false));
    const startedAt = performance.now();
    await expect(port.command("PING", [], [])).rejects.toThrow(RedisUnavailable);
    expect(performance.now() - startedAt).toBeLessThan(500);
    await proxy.setMode("pass");
    await ready(AbortSignal.timeout(5_000));
    expect(await port.command("PING", [], [])).toBe("PONG");
  });

  it("is OutcomeUnknown at the deadline when it does not answer", async () => {
    const { port, proxy } = await connectThroughProxy(300);
    await proxy.setMode("stall");
    const startedAt = performance.now();
    await expect(port.command("PING", [], [])).rejects.toThrow(OutcomeUnknown);
    const own = port.command("PING", [], [], { deadlineMs: 50 });
    await expect(own).rejects.toThrow(OutcomeUnknown);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it("ends a call early by its signal, with the signal's reason", async () => {
    const { port, proxy } = await connectThroughProxy(5_000);
    await proxy.setMode("stall");
    const leaving = new AbortController();
    const startedAt = performance.now();
    const call = port.command("PING", [], [], { signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(call).rejects.toThrow("left");
    await expect(port.command("PING", [], [], { signal: leaving.signal })).rejects.toThrow("left");
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it("ends a resend early by its signal too", async () => {
    const { port, proxy } = await connectThroughProxy(5_000);
    const key = newKey();
    await proxy.setMode("stall");
    const leaving = new AbortController();
    const call = port.command("SET", [key], ["x"], { signal: leaving.signal, resend: "once" });
    // Sent, and its connection lost: the call now waits for the next one, which is refused.
    await proxy.setMode("refuse");
    leaving.abort(new Error("left"));
    await expect(call).rejects.toThrow("left");
  });

  it("is unavailable when it refuses before running: loading, read-only, out of memory", async () => {
    await using full = await startRedis({ config: ["maxmemory 1kb"] });
    await using connection = connectRedis({ target: full.url });
    await connection.ready();
    const write = connection.port.command("SET", [newKey()], ["x"]);
    await expect(write).rejects.toThrow(RedisUnavailable);
    await expect(write).rejects.toThrow("OOM");
  });
});

describe("subscriptions", () => {
  it("report a gap when the server drops the connection, after subscribing again", async () => {
    const port = await connectDirectly();
    const seen: string[] = [];
    await port.subscribe(["port-test:news"], {
      onMessage: (message) => seen.push(message),
      onGap: () => seen.push("gap"),
    });
    await port.command("PUBLISH", ["port-test:news"], ["before"]);
    await vi.waitFor(() => expect(seen).toEqual(["before"]));
    await port.command("CLIENT KILL", [], ["TYPE", "pubsub"]);
    await vi.waitFor(() => expect(seen).toEqual(["before", "gap"]), { timeout: 5_000 });
    await port.command("PUBLISH", ["port-test:news"], ["after"]);
    await vi.waitFor(() => expect(seen).toEqual(["before", "gap", "after"]));
  });

  it("wait for Redis and then arrive, and hear nothing after close", async () => {
    const { port, proxy } = await connectThroughProxy();
    await proxy.setMode("refuse");
    const seen: string[] = [];
    const subscribing = port.subscribe(["port-test:late"], { onMessage: (message) => seen.push(message) });
    await proxy.setMode("pass");
    const subscription = await subscribing;
    const direct = await connectDirectly();
    await direct.command("PUBLISH", ["port-test:late"], ["one"]);
    await vi.waitFor(() => expect(seen).toEqual(["one"]));
    await subscription.close();
    await subscription.close();
    await direct.command("PUBLISH", ["port-test:late"], ["two"]);
    await direct.command("PING", [], []);
    expect(seen).toEqual(["one"]);
  });
});

describe("construction", () => {
  it("refuses ioredis' keyPrefix, which scripts and channels would not see", () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: "app:" });
    expect(() => ioredisPort(client)).toThrow(Misuse);
    client.disconnect();
  });
});
