import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import type { ReplayChannel, ReplayChannelOptions, ReplayEvent } from "../src/channel/index.ts";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { Misuse, OutcomeUnknown } from "../src/errors.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

const url = inject("redisUrl");

type Options = Partial<Omit<ReplayChannelOptions<number>, "delivery">>;

function replayOf(test: Pick<TestCore, "core">, options: Options = {}) {
  return test.core.channel<number>("numbers", { delivery: "replay", ...options });
}

async function publishAll(channel: ReplayChannel<number>, from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  for (let value = from; value <= to; value += 1) {
    ids.push(await channel.publish(value));
  }
  return ids;
}

function shown(events: readonly ReplayEvent<number>[]): (number | "gap")[] {
  return events.map((event) => (event.type === "gap" ? "gap" : event.message));
}

async function take(events: AsyncIterable<ReplayEvent<number>>, count: number) {
  const taken: ReplayEvent<number>[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) {
      break;
    }
  }
  return taken;
}

describe("a channel with replay", () => {
  it("gives what is kept from the start, from an id or from now, in order, to any number of readers", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const channel = replayOf(test);
    const ids = await publishAll(channel, 1, 5);
    const fromNow: number[] = [];
    await replayOf(other).subscribe((value) => void fromNow.push(value));
    const fromStart = take(channel.stream({ from: "start" }), 8);
    const fromThird = take(replayOf(other).stream({ from: { id: ids[2] ?? "" } }), 5);
    await publishAll(channel, 6, 8);
    expect(shown(await fromStart)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(shown(await fromThird)).toEqual([4, 5, 6, 7, 8]);
    await eventually(() => expect(fromNow).toEqual([6, 7, 8]));
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("resolves subscribe when the start stands, and hands each message its id and time", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test);
    await channel.publish(1);
    const seen: [number, string, number][] = [];
    const subscription = await channel.subscribe((value, { id, atMs }) => void seen.push([value, id, atMs]));
    const [id = ""] = await publishAll(channel, 2, 2);
    await eventually(() => expect(seen).toEqual([[2, id, Number(id.split("-")[0])]]));
    await subscription.close();
    await subscription.close();
    await channel.publish(3);
    await channel.read();
    expect(seen).toHaveLength(1);
  });

  it("tells where messages were trimmed before they were read, in their place", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test, { retain: 3 });
    const [first = ""] = await publishAll(channel, 1, 1);
    const rest = await publishAll(channel, 2, 6);
    const events = await take(channel.stream({ from: { id: first } }), 4);
    expect(shown(events)).toEqual(["gap", 4, 5, 6]);
    expect(events[0]).toEqual({ type: "gap", after: first, before: rest[2] });
    // Right after the cursor nothing is missing, although the cursor's own entry is gone.
    expect(shown(await take(channel.stream({ from: { id: rest[1] ?? "" } }), 3))).toEqual([4, 5, 6]);
    const gaps: string[] = [];
    const values: number[] = [];
    await channel.subscribe((value) => void values.push(value), {
      from: { id: first },
      onGap: ({ before }) => gaps.push(before),
    });
    await eventually(() => expect([values, gaps]).toEqual([[4, 5, 6], [rest[2]]]));
  });

  it("tells a reader that began when nothing was there, too, of what was trimmed before he read it", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test, { retain: 3 });
    const { cursor } = await channel.read();
    await publishAll(channel, 1, 3);
    expect(shown((await channel.read({ cursor })).events)).toEqual([1, 2, 3]);
    await publishAll(channel, 4, 4);
    expect(shown((await channel.read({ cursor })).events)).toEqual(["gap", 2, 3, 4]);
    expect(shown((await channel.read()).events)).toEqual([2, 3, 4]);
  });

  it("a reader that stands still costs a batch, and reads on from the stream, a gap in its place", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test, { retain: 4 });
    const stream = channel.stream({ from: "start", batch: 2 });
    await publishAll(channel, 1, 3);
    const first = await stream[Symbol.asyncIterator]().next();
    await publishAll(channel, 4, 9);
    expect(first.value).toMatchObject({ message: 1 });
    expect(shown(await take(stream, 6))).toEqual([2, "gap", 6, 7, 8, 9]);
  });

  it("drops what is older than its ttl at the next message, and all of it in the end", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const channel = replayOf(test, { ttl: 60_000 });
    const [first = ""] = await publishAll(channel, 1, 2);
    clock.advance(61_000);
    await channel.publish(3);
    expect(shown((await channel.read()).events)).toEqual([3]);
    expect(shown((await channel.read({ cursor: first })).events)).toEqual(["gap", 3]);
    const ttl = await test.redis.port.command("PTTL", [test.core.keys.channel.stream("numbers")], []);
    expect(Number(ttl)).toBeGreaterThan(50_000);
  });

  it("reads pages without a socket, with a cursor that stays where nothing is new", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test);
    const empty = await channel.read();
    expect(empty.events).toEqual([]);
    await publishAll(channel, 1, 5);
    const first = await channel.read({ limit: 3 });
    const second = await channel.read({ cursor: first.cursor, limit: 3 });
    const third = await channel.read({ cursor: second.cursor });
    expect([first, second, third].map(({ events }) => shown(events))).toEqual([[1, 2, 3], [4, 5], []]);
    expect(third.cursor).toBe(second.cursor);
    expect(shown((await channel.read({ cursor: empty.cursor })).events)).toEqual([1, 2, 3, 4, 5]);
    await expect(channel.read({ cursor: "yesterday" })).rejects.toThrow(Misuse);
    await expect(channel.read({ limit: 0 })).rejects.toThrow(Misuse);
    expect(() => channel.stream({ from: { id: "x" } })).toThrow(Misuse);
  });

  it("loses nothing and repeats nothing when the doorbell's connection is cut again and again", async () => {
    await using test = await createTestCore(url);
    const name = `replay-${test.prefix}`;
    await using redis = connectRedis({ target: url, name });
    await using core = createRedisCore({ redis: redis.port, prefix: test.prefix });
    const seen: (number | string)[] = [];
    await replayOf({ core }).subscribe((value) => void seen.push(value), { onGap: () => void seen.push("gap") });
    const channel = replayOf(test);
    for (let round = 0; round < 4; round += 1) {
      const publishing = publishAll(channel, round * 50 + 1, round * 50 + 50);
      await killClient(test, `${name}:subscriber`);
      await publishing;
      await eventually(() => expect(seen).toHaveLength(round * 50 + 50));
    }
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it("finds at the next look what no doorbell told of", async () => {
    await using test = await createTestCore(url);
    const channel = replayOf(test, { lookEvery: 300 });
    const seen: number[] = [];
    await channel.subscribe((value) => void seen.push(value));
    await test.redis.port.command("UNLINK", [test.core.keys.channel.listening("numbers")], []);
    await channel.publish(1);
    await eventually(() => expect(seen).toEqual([1]));
  });

  it("a handler that throws is counted and stops nothing; what does not fit the schema is dropped", async () => {
    const telemetry = recordTelemetry();
    await using test = await createTestCore(url, { telemetry });
    const channel = test.core.channel<number>("numbers", {
      delivery: "replay",
      schema: (value) => {
        if (typeof value !== "number") {
          throw new Error("not a number");
        }
        return value;
      },
    });
    const seen: number[] = [];
    await channel.subscribe((value) => {
      seen.push(value);
      throw new Error("a bug");
    });
    await expect(channel.publish("one" as never)).rejects.toThrow("not a number");
    await publishAll(channel, 1, 1);
    await test.core.channel<string>("numbers", { delivery: "replay" }).publish("two");
    await publishAll(channel, 3, 3);
    await eventually(() => expect(seen).toEqual([1, 3]));
    expect(telemetry.total("channel_handler_errors_total")).toBe(2);
    expect(telemetry.total("channel_messages_dropped_total")).toBe(1);
  });

  it("ends with its signal, with return() while the reader waits, and with the core", async () => {
    await using test = await createTestCore(url);
    const core = createRedisCore({ redis: test.redis.port, prefix: test.prefix });
    const channel = replayOf({ core });
    const ending = new AbortController();
    const streams = [channel.stream({ signal: ending.signal }), channel.stream(), channel.stream()];
    const steps = streams.map((stream) => stream[Symbol.asyncIterator]().next());
    ending.abort();
    const end = { done: true, value: undefined };
    expect(await steps[0]).toEqual(end);
    await streams[1]?.[Symbol.asyncIterator]().return?.();
    expect(await steps[1]).toEqual(end);
    await core.close();
    expect(await steps[2]).toEqual(end);
    await expect(channel.subscribe(() => {}, { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow(
      "gone",
    );
  });
});

describe("on a Redis of its own", () => {
  it("publish and read are one round trip, a message in order none, and nobody is rung for nobody", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const channel = replayOf(test);
    const alone = await countCommands(test.redis.port, () => publishAll(channel, 1, 10));
    expect(alone).toMatchObject({ evalsha: 10 });
    expect(alone["publish"]).toBeUndefined();
    const read = await countCommands(test.redis.port, () => channel.read());
    expect(read).toMatchObject({ evalsha: 1 });
    const seen: number[] = [];
    await channel.subscribe((value) => void seen.push(value));
    const heard = await countCommands(test.redis.port, async () => {
      await publishAll(channel, 11, 30);
      await eventually(() => expect(seen).toHaveLength(20));
    });
    expect(heard).toMatchObject({ evalsha: 20, publish: 20 });
  });

  it("a repeated operation keeps one message, also when its reply is lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using test = await createTestCore(proxy.url());
    const channel = replayOf(test);
    const first = await channel.publish(1, { operationId: "op-1" });
    expect(await channel.publish(1, { operationId: "op-1" })).toBe(first);
    const fault = { match: "op-2", times: 1 };
    await proxy.setMode("cut-after-request-before-reply", fault);
    const second = await channel.publish(2, { operationId: "op-2" });
    const stream = test.core.keys.channel.stream("numbers");
    await proxy.setMode("cut-after-request-before-reply", { match: stream, times: 1 });
    await expect(channel.publish(3)).rejects.toThrow(OutcomeUnknown);
    await proxy.setMode("pass");
    await eventually(async () => {
      const { events } = await channel.read();
      expect(shown(events)).toEqual([1, 2, 3]);
      expect(events[1]).toMatchObject({ id: second });
    });
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("loses nothing while the server forgets its scripts all the time, and says so when it loses its memory", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const channel = replayOf(test, { lookEvery: 500 });
    const seen: (number | string)[] = [];
    await channel.subscribe((value) => void seen.push(value), { onGap: () => void seen.push("gap") });
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) {
        await test.redis.port.command("SCRIPT FLUSH", [], []);
      }
    })();
    await publishAll(channel, 1, 100);
    isDone = true;
    await flushing;
    await eventually(() => expect(seen).toHaveLength(100));
    await test.redis.port.command("FLUSHALL", [], []);
    await channel.publish(101);
    // Nobody is noted as listening, so the next look finds it.
    await vi.waitFor(() => expect(seen.slice(100)).toEqual(["gap", 101]), { timeout: 15_000 });
    expect(seen.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});

/** Ends a named client's connection from the server's side, once it is there. */
async function killClient(test: TestCore, name: string): Promise<void> {
  await eventually(async () => {
    const list = String(await test.redis.port.command("CLIENT LIST", [], []));
    const line = list.split("\n").find((each) => each.includes(` name=${name} `));
    const id = /^id=(\d+)/.exec(line ?? "")?.[1];
    expect(id).toBeDefined();
    await test.redis.port.command("CLIENT KILL", [], ["ID", id ?? ""]);
  });
}
