import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { Redis } from "ioredis";
import { describe, expect, inject, test } from "vitest";
import { naiveSubscriber } from "./naive/listener-per-subscribe.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

interface Subscriber {
  subscribe(channel: string, callback: (message: string) => void): Promise<() => Promise<void>>;
}

/**
 * Who subscribes to a channel hears each of its messages once, whoever else subscribes and leaves. Returns what is
 * wrong with that.
 */
async function flawsOf(harness: TestCore, subscriber: Subscriber): Promise<string[]> {
  const flaws = new Set<string>();
  const publish = async (channel: string, message: string) => {
    await harness.redis.port.command("PUBLISH", [channel], [message]);
  };
  const [news, other] = [`${harness.prefix}:news`, `${harness.prefix}:other`];
  const heard: string[] = [];
  const leaveFirst = await subscriber.subscribe(news, (message) => heard.push(`first ${message}`));
  await subscriber.subscribe(other, (message) => heard.push(`other ${message}`));
  await subscriber.subscribe(news, (message) => heard.push(`second ${message}`));
  await publish(news, "1");
  await eventually(() => expect(heard).toContain("second 1"));
  if (heard.includes("other 1")) {
    flaws.add("hears other channels");
  }
  await leaveFirst();
  heard.splice(0);
  await publish(news, "2");
  await publish(other, "end");
  await eventually(() => expect(heard).toContain("other end"));
  if (!heard.includes("second 2")) {
    flaws.add("leaving silences the others");
  }
  if (heard.some((each) => each.startsWith("first"))) {
    flaws.add("hears after leaving");
  }
  return [...flaws].toSorted();
}

describe("one listener per subscription on a shared connection (F4)", () => {
  test("a naive subscriber hears other channels, hears after leaving, and silences others by leaving", async () => {
    await using harness = await createTestCore(url);
    const redis = new Redis(url);
    try {
      expect(await flawsOf(harness, naiveSubscriber(redis))).toEqual([
        "hears after leaving",
        "hears other channels",
        "leaving silences the others",
      ]);
    } finally {
      redis.disconnect();
    }
  });

  test("ours hears its own messages once, whoever else subscribes and leaves", async () => {
    await using harness = await createTestCore(url);
    const subscribe: Subscriber["subscribe"] = async (channel, callback) => {
      const subscription = await harness.redis.port.subscribe([channel], { onMessage: callback });
      return () => subscription.close();
    };
    expect(await flawsOf(harness, { subscribe })).toEqual([]);
  });
});
