import { connectRedis } from "@cardinal/redis-core/connection";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RedisPort, Subscription } from "../src/port.ts";
import { randomHex } from "../src/random.ts";
import { checkProperty } from "./support/check-property.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const channels = 3;

type Act =
  | { readonly kind: "subscribe" | "hasty"; readonly channel: number }
  | { readonly kind: "leave"; readonly which: number }
  | { readonly kind: "publish"; readonly channel: number }
  | { readonly kind: "reconnect" | "linger" };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("subscribe"), channel: fc.nat(channels - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("hasty"), channel: fc.nat(channels - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("leave"), which: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("publish"), channel: fc.nat(channels - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reconnect", "linger") }) },
);

interface Live {
  readonly channel: number;
  readonly subscription: Subscription;
  readonly heard: string[];
  /** What it must hear, and nothing else, in this order. */
  readonly due: string[];
}

/** A port whose subscriber connection has a name, so that a test can end that one only. */
interface Subject {
  readonly port: RedisPort;
  readonly subscriberName: string;
  readonly listeners: () => number;
}

/** Runs the acts, comparing after each what every live subscription has heard with what it must have heard. */
async function holds(harness: TestCore, { port, subscriberName, listeners }: Subject, acts: readonly Act[]) {
  const prefix = `${harness.prefix}-${randomHex(4)}`;
  const nameOf = (channel: number) => `${prefix}:${channel}`;
  const live = new Set<Live>();
  const gone: Live[] = [];
  let published = 0;
  const command = (name: string, args: (string | number)[]) => harness.redis.port.command(name, [], args);

  for (const each of acts) {
    switch (each.kind) {
      case "subscribe": {
        const heard: string[] = [];
        // What was published before may still be on its way, where the channel was subscribed to already.
        const before = published;
        const subscription = await port.subscribe([nameOf(each.channel)], {
          onMessage(message, from) {
            if (Number(message) > before) {
              heard.push(from === nameOf(each.channel) ? message : "stray");
            }
          },
          onGap: () => heard.push("gap"),
        });
        live.add({ channel: each.channel, subscription, heard, due: [] });
        break;
      }
      case "hasty":
        // Comes and goes without waiting for any acknowledgement.
        void port.subscribe([nameOf(each.channel)], { onMessage() {} }).then((hasty) => hasty.close());
        break;
      case "leave": {
        const leaving = [...live][each.which % Math.max(1, live.size)];
        if (leaving) {
          await leaving.subscription.close();
          live.delete(leaving);
          gone.push({ ...leaving, due: [...leaving.heard] });
        }
        break;
      }
      case "publish": {
        const message = String((published += 1));
        await command("PUBLISH", [nameOf(each.channel), message]);
        for (const { channel, due } of live) {
          if (channel === each.channel) {
            due.push(message);
          }
        }
        break;
      }
      case "reconnect": {
        const list = String(await command("CLIENT LIST", []));
        const line = list.split("\n").find((client) => client.includes(` name=${subscriberName} `));
        const id = /^id=(\d+)/.exec(line ?? "")?.[1];
        if (id !== undefined && live.size > 0) {
          await command("CLIENT KILL", ["ID", id]);
          for (const { due } of live) {
            due.push("gap");
          }
        }
        break;
      }
      case "linger":
        // As long as a channel stays subscribed after its last handler.
        await new Promise((resolve) => setTimeout(resolve, 25));
        break;
    }
    await eventually(() => {
      for (const { heard, due } of live) {
        expect(heard).toEqual(due);
      }
    });
    expect(listeners()).toBeLessThanOrEqual(1);
  }
  for (let channel = 0; channel < channels; channel += 1) {
    const name = nameOf(channel);
    const isLive = [...live].some((each) => each.channel === channel);
    await eventually(async () => {
      const reply = await command("PUBSUB NUMSUB", [name]);
      expect(Array.isArray(reply) ? reply[1] : null).toBe(isLive ? 1 : 0);
    });
  }
  for (const { heard, due } of gone) {
    expect(heard).toEqual(due);
  }
  await Promise.all([...live].map(({ subscription }) => subscription.close()));
}

describe.each(["ioredis", "node-redis"])("subscriptions over %s", (kind) => {
  let stack: AsyncDisposableStack;
  let harness: TestCore;
  let subject: Subject;

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    harness = stack.use(await createTestCore(url));
    const subscriberName = `model-${kind}-${harness.prefix}`;
    const subscriptions = { linger: 15 };
    if (kind === "ioredis") {
      const connection = stack.use(connectRedis({ target: url }));
      await connection.ready();
      const client = new Redis(url, { connectionName: subscriberName, autoResubscribe: false, lazyConnect: true });
      client.on("error", () => {});
      const commands = new Redis(url);
      stack.defer(() => commands.disconnect());
      const port = ioredisPort(commands, { subscriber: () => client, subscriptions });
      stack.defer(() => port.close());
      subject = { port, subscriberName, listeners: () => client.listenerCount("message") };
    } else {
      const client = createClient({ url, RESP: 2, name: subscriberName, socket: { reconnectStrategy: 20 } });
      client.on("error", () => {});
      const port = nodeRedisPort(client, { subscriber: () => client, subscriptions });
      stack.defer(() => port.close());
      subject = { port, subscriberName, listeners: () => 0 };
    }
  });

  afterAll(() => stack.disposeAsync());

  it("hear each message once while they live, and every loss of the connection, whatever the order (C7)", async () => {
    const acts = fc.array(act, { minLength: 10, maxLength: 40 });
    const property = fc.asyncProperty(acts, (each) => holds(harness, subject, each));
    await expect(
      checkProperty(`subscriptions over ${kind} (C7)`, property, { runs: 12 }),
    ).resolves.toBeUndefined();
  });
});
