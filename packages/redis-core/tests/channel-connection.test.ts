import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { createTestCore } from "@cardinal/redis-core/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRedisCore } from "../src/core.ts";
import type { RedisPort } from "../src/port.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";

const subscriptions = { pingEvery: 200, pingWithin: 400 };

/** A port to this address that pings its subscriber connection five times a second. */
async function portTo(kind: string, target: string): Promise<RedisPort> {
  if (kind === "ioredis") {
    const client = new Redis(target, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 });
    client.on("error", () => {});
    const port = ioredisPort(client, { subscriptions });
    onTestFinished(async () => {
      await port.close();
      client.disconnect();
    });
    return port;
  }
  const client = createClient({ url: target, RESP: 2, socket: { reconnectStrategy: 50 } });
  client.on("error", () => {});
  await client.connect();
  const port = nodeRedisPort(client, { subscriptions });
  onTestFinished(async () => {
    await port.close();
    client.destroy();
  });
  return port;
}

describe.each(["ioredis", "node-redis"])("the subscriber connection of %s", (kind) => {
  it("that says nothing is found out by its ping, replaced, and told as a gap", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using direct = connectRedis({ target: redis.url });
    await direct.ready();
    const port = await portTo(kind, proxy.url());
    const heard: string[] = [];
    const gap = { onMessage: (message: string) => heard.push(message), onGap: () => heard.push("gap") };
    await port.subscribe(["news"], gap);
    await direct.port.command("PUBLISH", ["news"], ["before"]);
    await eventually(() => expect(heard).toEqual(["before"]));
    // What is open stays open and silent for ever; the next connection goes through.
    await proxy.setMode("half-open");
    await direct.port.command("PUBLISH", ["news"], ["lost"]);
    await direct.port.command("PING", [], []);
    await proxy.setMode("pass");
    await eventually(() => expect(heard).toEqual(["before", "gap"]));
    await direct.port.command("PUBLISH", ["news"], ["after"]);
    await eventually(() => expect(heard).toEqual(["before", "gap", "after"]));
  });

  it("that nobody greets on its way back is replaced, too", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using direct = connectRedis({ target: redis.url });
    await direct.ready();
    const port = await portTo(kind, proxy.url());
    const heard: string[] = [];
    const gap = { onMessage: (message: string) => heard.push(message), onGap: () => heard.push("gap") };
    await port.subscribe(["news"], gap);
    // The next connections are taken, and then nobody says a word, ever.
    await proxy.setMode("half-open");
    const { accepted } = proxy.counters();
    proxy.cutAll();
    await eventually(() => expect(proxy.counters().accepted).toBeGreaterThanOrEqual(accepted + 2));
    await proxy.setMode("pass");
    await eventually(() => expect(heard).toEqual(["gap"]));
    await direct.port.command("PUBLISH", ["news"], ["after"]);
    await eventually(() => expect(heard).toEqual(["gap", "after"]));
  });

  it("is one for all channels; those asked for in one turn leave in one command", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const port = await portTo(kind, redis.url);
    await using core = createRedisCore({ redis: port, prefix: test.prefix });
    const names = Array.from({ length: 100 }, (_, index) => `news-${index}`);
    const heard: number[] = [];
    const asked = await countCommands(test.redis.port, () =>
      Promise.all(
        names.map((name) => core.channel<number>(name).subscribe((value) => void heard.push(value))),
      ),
    );
    expect(asked).toMatchObject({ subscribe: 1 });
    const list = String(await test.redis.port.command("CLIENT LIST", [], ["TYPE", "pubsub"]));
    expect(list.split("\n").filter(Boolean)).toHaveLength(1);
    await Promise.all(names.map((name, index) => test.core.channel<number>(name).publish(index)));
    await eventually(() => expect(heard.toSorted((a, b) => a - b)).toEqual(names.map((_, index) => index)));
  });
});
