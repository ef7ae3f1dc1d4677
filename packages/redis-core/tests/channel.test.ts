import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import type { ChannelSubscription } from "../src/channel/index.ts";
import { encode } from "../src/codec/codec.ts";
import { createRedisCore } from "../src/core.ts";
import { RedisUnavailable } from "../src/errors.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

interface Order {
  readonly id: number;
  readonly at?: Date;
}

function parseOrder(value: unknown): Order {
  if (typeof value !== "object" || value === null || !("id" in value) || typeof value.id !== "number") {
    throw new Error("an order needs an id");
  }
  return { ...value, id: value.id };
}

const url = inject("redisUrl");

async function countSubscribers(test: Awaited<ReturnType<typeof createTestCore>>, name: string) {
  const channel = test.core.keys.channel.live(name);
  const reply = await test.redis.port.command("PUBSUB NUMSUB", [], [channel]);
  return Array.isArray(reply) ? Number(reply[1]) : Number.NaN;
}

describe("channel", () => {
  it("delivers what is published after subscribe resolved, through the codec, in order", async () => {
    await using test = await createTestCore(url);
    const orders = test.core.channel<Order>("orders");
    const received: Order[] = [];
    await orders.subscribe((order) => received.push(order));
    const sent = Array.from({ length: 50 }, (_, id) => ({ id, at: new Date(id) }));
    await Promise.all(sent.map((order) => orders.publish(order)));
    await vi.waitFor(() => expect(received).toEqual(sent));
  });

  it("reaches other processes' subscriptions and every handler of one process once", async () => {
    await using first = await createTestCore(url);
    await using second = await createTestCore(url, { prefix: first.prefix });
    const counts = [0, 0, 0];
    for (const [index, core] of [first.core, first.core, second.core].entries()) {
      await core.channel<number>("ticks").subscribe(() => (counts[index] = (counts[index] ?? 0) + 1));
    }
    expect(await countSubscribers(first, "ticks")).toBe(2);
    await first.core.channel<number>("ticks").publish(1);
    await vi.waitFor(() => expect(counts).toEqual([1, 1, 1]));
  });

  it("refuses to publish what the schema refuses, and drops and counts what arrives so", async () => {
    const telemetry = recordTelemetry();
    await using test = await createTestCore(url, { telemetry });
    const orders = test.core.channel("orders", { schema: parseOrder });
    await expect(orders.publish({ id: "42" } as never)).rejects.toThrow("an order needs an id");
    const received: number[] = [];
    await orders.subscribe((order) => received.push(order.id));
    const raw = (text: string) => test.redis.port.command("PUBLISH", [test.core.keys.channel.live("orders")], [text]);
    await raw("not of this codec");
    await raw(encode({ id: "42" }));
    await raw(encode({ id: 7 }));
    await vi.waitFor(() => expect(received).toEqual([7]));
    for (const reason of ["decode", "schema_mismatch"]) {
      expect(telemetry.total("channel_messages_dropped_total", { reason })).toBe(1);
    }
  });

  it("a handler that throws stops neither the others nor later messages", async () => {
    const telemetry = recordTelemetry();
    await using test = await createTestCore(url, { telemetry });
    const numbers = test.core.channel<number>("numbers");
    const received: number[] = [];
    await numbers.subscribe(() => {
      throw new Error("a bug in a handler");
    });
    await numbers.subscribe((value) => received.push(value));
    await numbers.publish(1);
    await numbers.publish(2);
    await vi.waitFor(() => expect(received).toEqual([1, 2]));
  });

  it("keeps one Redis subscription over 1000 random subscriptions, each live handler served once", async () => {
    await using test = await createTestCore(url);
    const numbers = test.core.channel<number>("numbers");
    const live = new Map<number, ChannelSubscription>();
    const received = new Map<number, number[]>();
    const closed: number[] = [];
    let randomState = 42;
    const random = () => {
      randomState = (randomState * 1_103_515_245 + 12_345) % 2_147_483_648;
      return randomState / 2_147_483_648;
    };
    const pending: Promise<void>[] = [];
    for (let turn = 0; turn < 1_000; turn += 1) {
      if (random() < 0.5 || live.size === 0) {
        const seen: number[] = [];
        const opening = numbers.subscribe((value) => seen.push(value));
        received.set(turn, seen);
        if (random() < 0.5) {
          live.set(turn, await opening);
        } else {
          // Opened and closed without waiting for the acknowledgement in between.
          pending.push(opening.then((subscription) => subscription.close()));
          closed.push(turn);
        }
      } else {
        const [id] = [...live.keys()].slice(Math.floor(random() * live.size));
        if (id !== undefined) {
          pending.push(live.get(id)?.close() ?? Promise.resolve());
          live.delete(id);
          closed.push(id);
        }
      }
      if (turn % 50 === 0) {
        expect([0, 1]).toContain(await countSubscribers(test, "numbers"));
      }
    }
    await Promise.all(pending);
    const last: number[] = [];
    received.set(-1, last);
    live.set(-1, await numbers.subscribe((value) => last.push(value)));
    await numbers.publish(1);
    await numbers.publish(2);
    await vi.waitFor(() => {
      for (const id of live.keys()) {
        expect(received.get(id)).toEqual([1, 2]);
      }
    });
    expect(closed.filter((id) => received.get(id)?.length !== 0)).toEqual([]);
    expect(await countSubscribers(test, "numbers")).toBe(1);
  });

  it("reports a gap after the connection was lost, and hears again", async () => {
    await using test = await createTestCore(url);
    const name = `gap-${test.prefix}`;
    await using redis = connectRedis({ target: url, name });
    const channel = test.core.keys.channel.live("numbers");
    const received: string[] = [];
    await redis.port.subscribe([channel], {
      onMessage: (message) => received.push(message),
      onGap: () => received.push("gap"),
    });
    await killSubscriber(test.redis.port, `${name}:subscriber`);
    await vi.waitFor(() => expect(received).toEqual(["gap"]), { timeout: 5_000 });
    await test.redis.port.command("PUBLISH", [channel], ["after"]);
    await vi.waitFor(() => expect(received).toEqual(["gap", "after"]));
  });

  it("streams until the signal, and leaves nothing behind", async () => {
    await using test = await createTestCore(url);
    const numbers = test.core.channel<number>("numbers");
    const ending = new AbortController();
    const received: number[] = [];
    const reading = (async () => {
      for await (const value of numbers.stream({ signal: ending.signal })) {
        received.push(value);
      }
    })();
    await vi.waitFor(async () => expect(await countSubscribers(test, "numbers")).toBe(1));
    await numbers.publish(1);
    await numbers.publish(2);
    await vi.waitFor(() => expect(received).toEqual([1, 2]));
    ending.abort();
    await reading;
  });

  it("a stream whose reader stands still keeps a bounded number and says so", async () => {
    await using test = await createTestCore(url);
    const numbers = test.core.channel<number>("numbers");
    const seen: (number | string)[] = [];
    const stream = numbers.stream({ maxQueued: 3, onGap: () => seen.push("gap") });
    const first = stream.next();
    await vi.waitFor(async () => expect(await countSubscribers(test, "numbers")).toBe(1));
    let last = 0;
    await numbers.subscribe((value) => (last = value));
    for (let value = 1; value <= 10; value += 1) {
      await numbers.publish(value);
    }
    await vi.waitFor(() => expect(last).toBe(10));
    seen.push((await first).value ?? "end");
    const second = await stream.next();
    seen.push(second.value ?? "end");
    await stream.return?.();
    // 1 went to the waiting reader; 2 3 4 overflowed at 5, 6 7 8 at 9; 10 follows the last gap.
    expect(seen).toEqual([1, "gap", 10]);
  });

  it("ends a stream whose reader waits, by return()", async () => {
    await using test = await createTestCore(url);
    const stream = test.core.channel<number>("numbers").stream();
    const waiting = stream.next();
    await vi.waitFor(async () => expect(await countSubscribers(test, "numbers")).toBe(1));
    await stream.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it("ends subscriptions and streams when the core closes", async () => {
    await using test = await createTestCore(url);
    const core = createRedisCore({ redis: test.redis.port, prefix: test.prefix });
    const numbers = core.channel<number>("numbers");
    const received: number[] = [];
    await numbers.subscribe((value) => received.push(value));
    const waiting = numbers.stream().next();
    await core.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await test.core.channel<number>("numbers").publish(1);
    await test.redis.port.command("PING", [], []);
    expect(received).toEqual([]);
  });

  it("does not wait for a Redis that is away once it is told to end", async () => {
    await using away = connectRedis({ target: "redis://127.0.0.1:1" });
    await using core = createRedisCore({ redis: away.port, prefix: "away" });
    const numbers = core.channel<number>("numbers");
    const ending = new AbortController();
    const opening = numbers.subscribe(() => {}, { signal: ending.signal });
    const stream = numbers.stream({ signal: ending.signal });
    const waiting = stream.next();
    ending.abort(new Error("gone"));
    await expect(opening).rejects.toThrow("gone");
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(numbers.publish(1)).rejects.toThrow(RedisUnavailable);
  });

  it("rejects a subscription aborted before its acknowledgement", async () => {
    await using test = await createTestCore(url);
    const numbers = test.core.channel<number>("numbers");
    const ending = new AbortController();
    const opening = numbers.subscribe(() => {}, { signal: ending.signal });
    ending.abort(new Error("gone"));
    await expect(opening).rejects.toThrow("gone");
  });
});

/** Ends the named client's connection from the server's side. */
async function killSubscriber(port: Awaited<ReturnType<typeof createTestCore>>["redis"]["port"], name: string) {
  const list = String(await port.command("CLIENT LIST", [], []));
  const line = list.split("\n").find((each) => each.includes(` name=${name} `));
  const id = /^id=(\d+)/.exec(line ?? "")?.[1];
  expect(id).toBeDefined();
  await port.command("CLIENT KILL", [], ["ID", id ?? ""]);
}
