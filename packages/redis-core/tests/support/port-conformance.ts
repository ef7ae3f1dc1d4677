import { setTimeout as delay } from "node:timers/promises";
import type { TcpProxy } from "@cardinal/dev";
import { expect, it, onTestFinished, vi } from "vitest";
import {
  isOutage,
  Misuse,
  OutcomeUnknown,
  type RedisPort,
  RedisReplyError,
  RedisUnavailable,
  UnsupportedByTransport,
} from "../../src/index.ts";
import { randomHex } from "../../src/random.ts";
import { scanAll } from "./scan-all.ts";
import { testScript } from "./test-script.ts";

const increment = testScript("increment", "return redis.call('INCR', KEYS[1])");
const shapes = testScript(
  "shapes",
  "return { ARGV[1], tonumber(ARGV[2]), false, { 'nested', { redis.status_reply('OK') } }, '', 'OK' }",
);

/** An implementation of the port, with a proxy before each of its servers. */
export interface PortUnderTest {
  readonly port: RedisPort;
  /** Refuses scripts over several slots. */
  readonly checked: RedisPort;
  /** The proxy that a command on this key passes. */
  proxyOf(key: string): TcpProxy;
  /** Closes every subscriber connection from the server's side; absent where there is none. */
  readonly dropSubscribers?: () => Promise<unknown>;
}

/** What every port promises, whatever client library is behind it. Call it inside `describe`. */
export function itIsAPort(get: () => PortUnderTest): void {
  const newKey = (part = "key") => `{conformance-${randomHex(6)}}:${part}`;
  /** Lets a fault strike on the way to a key, until `pass` or the end of the test. */
  const strike = async (key: string, ...fault: Parameters<TcpProxy["setMode"]>) => {
    const proxy = get().proxyOf(key);
    onTestFinished(() => proxy.setMode("pass"));
    await proxy.setMode(...fault);
  };
  const read = (key: string) =>
    vi.waitFor(() => get().port.command("GET", [key], []), { timeout: 10_000, interval: 50 });

  it("answers text, integers, nothing and lists, with no value taken for something else", async () => {
    const { port } = get();
    const key = newKey();
    expect(await port.command("HSET", [key], ["a", 1, "b", "ä😀"])).toBe(2);
    expect(await port.command("HGETALL", [key], [])).toEqual(["a", "1", "b", "ä😀"]);
    expect(await port.command("HGET", [key], ["x"])).toBeNull();
    expect(await port.command("HMGET", [key], ["a", "x"])).toEqual(["1", null]);
    const texts = ["9007199254740993", '{"a":1}', "null", "true", "", "OK", "T0s=", "0x10", "1e3", " x "];
    for (const text of texts) {
      const own = newKey();
      expect(await port.command("SET", [own], [text, "PX", 60_000])).toBe("OK");
      expect(await port.command("GET", [own], [])).toBe(text);
    }
    const board = newKey();
    await port.command("ZADD", [board], [1.5, "one", "-inf", "least"]);
    const standings = await port.command("ZRANGE", [board], [0, -1, "WITHSCORES"]);
    expect(standings).toEqual(["least", "-inf", "one", "1.5"]);
    expect(await port.command("ZSCORE", [board], ["one"])).toBe("1.5");
    expect(await port.command("SMEMBERS", [newKey()], [])).toEqual([]);
    expect(await port.command("MEMORY USAGE", [key], [])).toBeGreaterThan(0);
  });

  it("fails with the server's own error, in a batch for that item only", async () => {
    const { port } = get();
    const key = newKey();
    await port.command("SET", [key], ["text"]);
    const failing = port.command("LPUSH", [key], ["secret-value"]);
    await expect(failing).rejects.toThrow(RedisReplyError);
    await expect(failing).rejects.toMatchObject({ reply: "WRONGTYPE" });
    await expect(failing).rejects.not.toThrow("secret-value");
    const elsewhere = newKey();
    const results = await port.batch([
      { name: "SET", keys: [elsewhere], args: ["1"] },
      { name: "INCR", keys: [key], args: [] },
      { name: "GET", keys: [elsewhere], args: [] },
      { name: "GET", keys: [newKey()], args: [] },
    ]);
    expect(results.map((result) => (result.ok ? result.reply : result.error.name))).toEqual([
      "OK",
      "RedisReplyError",
      "1",
      null,
    ]);
    expect(await port.batch([])).toEqual([]);
  });

  it("runs scripts, whose replies keep their shape", async () => {
    const { port } = get();
    const reply = await port.run(shapes, [newKey()], ['{"a":[1]}', 7]);
    expect(reply).toEqual(['{"a":[1]}', 7, null, ["nested", ["OK"]], "", "OK"]);
  });

  it("runs a script once each, although the server forgets scripts all the time", async () => {
    const { port } = get();
    const key = newKey();
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) {
        await port.eachMaster((master) => master.command("SCRIPT FLUSH", []));
        await delay(5);
      }
    })();
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 25 }, () => port.run(increment, [key], [])));
    }
    isDone = true;
    await flushing;
    expect(await port.command("GET", [key], [])).toBe("100");
  });

  it("refuses a script over several slots where slots are checked", async () => {
    const { checked } = get();
    await expect(checked.run(increment, ["{a}:1", "{b}:1"], [])).rejects.toThrow(Misuse);
  });

  it("knows the slot of a key", async () => {
    const { port } = get();
    for (const key of ["a", "{user1000}.following", "foo{{bar}}zap", "foo{}{bar}", "ä", "x:v1:y:{z}:p"]) {
      // A server without Cluster refuses to say; the Cluster's suite shows that the sum is right.
      const asked = await port.command("CLUSTER KEYSLOT", [], [key]).catch((error: unknown) => error);
      if (!(asked instanceof RedisReplyError)) {
        expect(port.slotOf(key)).toBe(asked);
      }
    }
    expect(port.slotOf("{user1000}.following")).toBe(3_443);
  });

  it("reaches every master", async () => {
    const { port } = get();
    const replies = await port.eachMaster((master) => master.command("PING", []));
    expect(replies).toEqual(port.capabilities.topology === "cluster" ? ["PONG", "PONG", "PONG"] : ["PONG"]);
    const spread = Array.from({ length: 9 }, () => newKey());
    await port.batch(spread.map((key) => ({ name: "SET", keys: [key], args: ["x", "PX", 60_000] })));
    expect(await scanAll(port, "{conformance-*")).toEqual(expect.arrayContaining(spread));
  });

  it("is OutcomeUnknown at the deadline where the server does not answer", async () => {
    const { port, proxyOf } = get();
    const key = newKey();
    await port.command("GET", [key], []);
    await strike(key, "stall");
    const startedAt = performance.now();
    await expect(port.command("INCR", [key], [], { deadlineMs: 200 })).rejects.toThrow(OutcomeUnknown);
    await expect(port.run(increment, [key], [], { deadlineMs: 100 })).rejects.toSatisfy(isOutage);
    const [item] = await port.batch([{ name: "INCR", keys: [key], args: [] }], { deadlineMs: 100 });
    expect(item?.ok === false && isOutage(item.error)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await proxyOf(key).setMode("pass");
    await read(key);
  });

  it("gives a call up with its signal, for the signal's reason", async () => {
    const { port, proxyOf } = get();
    const key = newKey();
    await strike(key, "stall");
    const leaving = new AbortController();
    const call = port.command("GET", [key], [], { signal: leaving.signal, deadlineMs: 10_000 });
    leaving.abort(new Error("left"));
    await expect(call).rejects.toThrow("left");
    await expect(port.command("GET", [key], [], { signal: leaving.signal })).rejects.toThrow("left");
    await proxyOf(key).setMode("pass");
    await read(key);
  });

  it("is OutcomeUnknown where the reply is lost, and what was asked for ran exactly once", async () => {
    const { port } = get();
    for (const call of [
      (key: string) => port.command("INCR", [key], []),
      (key: string) => port.run(increment, [key], []),
    ]) {
      const key = newKey();
      await port.run(increment, [newKey()], []);
      await port.run(increment, [key], []);
      await strike(key, "cut-after-request-before-reply", { match: key, times: 1 });
      await expect(call(key)).rejects.toThrow(OutcomeUnknown);
      expect(await read(key)).toBe("2");
    }
  });

  it("is OutcomeUnknown where the request is lost, which looks the same", async () => {
    const { port } = get();
    const key = newKey();
    await strike(key, "cut-before-request", { match: key, times: 1 });
    await expect(port.command("INCR", [key], [])).rejects.toThrow(OutcomeUnknown);
    expect(await read(key)).toBeNull();
  });

  it("asks again after a lost reply only where the call says that this is safe", async () => {
    const { port } = get();
    const key = newKey();
    await strike(key, "cut-after-request-before-reply", { match: key, times: 1 });
    const options = { resend: "once", deadlineMs: 5_000 } as const;
    expect(await port.command("INCR", [key], [], options)).toBe(2);
    expect(await read(key)).toBe("2");
  });

  it("is RedisUnavailable at once where nothing listens, and over when it is back", async () => {
    const { port, proxyOf } = get();
    const key = newKey();
    await port.command("GET", [key], []);
    await strike(key, "refuse");
    await vi.waitFor(async () => {
      await expect(port.command("INCR", [key], [], { deadlineMs: 500 })).rejects.toThrow(RedisUnavailable);
    });
    const startedAt = performance.now();
    await expect(port.command("INCR", [key], [])).rejects.toThrow(RedisUnavailable);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await proxyOf(key).setMode("pass");
    expect(await read(key)).toBeNull();
  });

  it("subscribes and reports gaps, or says what to use instead", async () => {
    const { port, dropSubscribers } = get();
    const channel = `conformance-${randomHex(6)}`;
    const seen: string[] = [];
    const subscribing = port.subscribe([channel], {
      onMessage: (message, from) => seen.push(from === channel ? message : "stray"),
      onGap: () => seen.push("gap"),
    });
    if (!port.capabilities.subscribe) {
      await expect(subscribing).rejects.toThrow(UnsupportedByTransport);
      await expect(subscribing).rejects.toThrow("rediss://");
      return;
    }
    const subscription = await subscribing;
    await port.command("PUBLISH", [channel], ["before"]);
    await vi.waitFor(() => expect(seen).toEqual(["before"]));
    await dropSubscribers?.();
    await vi.waitFor(() => expect(seen).toEqual(["before", "gap"]), { timeout: 10_000 });
    await port.command("PUBLISH", [channel], ["after"]);
    await vi.waitFor(() => expect(seen).toEqual(["before", "gap", "after"]));
    await subscription.close();
    await subscription.close();
    await port.command("PUBLISH", [channel], ["late"]);
    await port.command("GET", [newKey()], []);
    expect(seen).toEqual(["before", "gap", "after"]);
  });
}
