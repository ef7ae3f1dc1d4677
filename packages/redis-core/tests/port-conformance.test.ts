import {
  type RunningCluster,
  type RunningRedis,
  startCluster,
  startRedis,
  startTcpProxy,
  startUpstashGateway,
  type TcpProxy,
  type UpstashGateway,
} from "@cardinal/dev";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis as UpstashRedis } from "@upstash/redis";
import { Cluster } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe } from "vitest";
import { itIsAPort, type PortUnderTest } from "./support/port-conformance.ts";
import { itCarriesThePrimitives } from "./support/port-primitives.ts";

const deadlineMs = 1_500;
const killSubscribers = ["TYPE", "pubsub"] as const;

/** Runs both suites over what `start` makes, and stops it in reverse order. */
function conforms(start: (stack: AsyncDisposableStack) => Promise<PortUnderTest>): void {
  const stack = new AsyncDisposableStack();
  let subject: PortUnderTest | undefined;
  const get = () => {
    if (!subject) {
      throw new Error("not started");
    }
    return subject;
  };
  beforeAll(async () => {
    subject = await start(stack);
  }, 60_000);
  afterAll(() => stack.disposeAsync());
  itIsAPort(get);
  itCarriesThePrimitives(get);
}

async function startProxied(stack: AsyncDisposableStack): Promise<{ redis: RunningRedis; proxy: TcpProxy }> {
  const redis = stack.use(await startRedis());
  return { redis, proxy: stack.use(await startTcpProxy({ target: redis })) };
}

describe("ioredisPort on one node", () => {
  conforms(async (stack) => {
    const { proxy } = await startProxied(stack);
    const target = proxy.url();
    const [plain, checked] = [false, true].map((checkSlots) =>
      stack.use(connectRedis({ target, deadlineMs, checkSlots })),
    ) as [RedisConnection, RedisConnection];
    await Promise.all([plain.ready(), checked.ready()]);
    return {
      port: plain.port,
      checked: checked.port,
      proxyOf: () => proxy,
      dropSubscribers: () => plain.port.command("CLIENT KILL", [], killSubscribers),
    };
  });
});

describe("ioredisPort on a Cluster of three masters", () => {
  conforms(async (stack) => {
    const cluster: RunningCluster = stack.use(await startCluster({ masters: 3 }));
    const proxies: TcpProxy[] = [];
    for (const target of cluster.nodes) {
      proxies.push(stack.use(await startTcpProxy({ target })));
    }
    const proxyAt = (index: number): TcpProxy => {
      const proxy = proxies[index];
      if (!proxy) {
        throw new Error("no proxy");
      }
      return proxy;
    };
    // What the nodes announce leads to the proxies, so that every command goes through one.
    const natMap = Object.fromEntries(
      cluster.nodes.map(({ host, port }, index) => {
        const proxy = proxyAt(index);
        return [`${host}:${port}`, { host: proxy.host, port: proxy.port }];
      }),
    );
    const client = new Cluster([{ host: proxyAt(0).host, port: proxyAt(0).port }], {
      natMap,
      enableOfflineQueue: false,
      slotsRefreshTimeout: 2_000,
      redisOptions: { protocol: 2, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
    });
    stack.defer(() => client.disconnect());
    client.on("error", () => {});
    await new Promise<void>((resolve) => {
      client.once("ready", () => resolve());
    });
    const port = ioredisPort(client, { deadlineMs });
    const checked = ioredisPort(client, { deadlineMs, checkSlots: true });
    stack.defer(() => port.close());
    stack.defer(() => checked.close());
    return {
      port,
      checked,
      proxyOf: (key) => proxyAt(Math.floor((port.slotOf(key) * proxies.length) / 16_384)),
      dropSubscribers: () => port.eachMaster((master) => master.command("CLIENT KILL", killSubscribers)),
    };
  });
});

describe("nodeRedisPort on one node", () => {
  conforms(async (stack) => {
    const { proxy } = await startProxied(stack);
    const client = createClient({ url: proxy.url(), RESP: 2, socket: { reconnectStrategy: 50 } });
    client.on("error", () => {});
    await client.connect();
    stack.defer(() => client.destroy());
    const port = nodeRedisPort(client, { deadlineMs });
    const checked = nodeRedisPort(client, { deadlineMs, checkSlots: true });
    stack.defer(() => port.close());
    stack.defer(() => checked.close());
    return {
      port,
      checked,
      proxyOf: () => proxy,
      dropSubscribers: () => port.command("CLIENT KILL", [], killSubscribers),
    };
  });
});

describe("upstashPort before a gateway", () => {
  conforms(async (stack) => {
    const redis = stack.use(await startRedis());
    const token = "a-token";
    const gateway: UpstashGateway = stack.use(await startUpstashGateway({ redisUrl: redis.url, token }));
    const proxy = stack.use(await startTcpProxy({ target: gateway }));
    // As most programs make it, but for the retries: what it would do to replies must not matter.
    const client = new UpstashRedis({ url: proxy.url("http"), token, retry: { retries: 0 } });
    return {
      port: upstashPort(client, { deadlineMs }),
      checked: upstashPort(client, { deadlineMs, checkSlots: true }),
      proxyOf: () => proxy,
    };
  });
});
