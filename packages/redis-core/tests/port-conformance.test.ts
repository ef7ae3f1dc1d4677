import {
  type RunningRedis,
  startRedis,
  startTcpProxy,
  startUpstashGateway,
  type TcpProxy,
  type UpstashGateway,
} from "@cardinal/dev";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis as UpstashRedis } from "@upstash/redis";
import { createClient } from "redis";
import { describe } from "vitest";
import { conforms } from "./support/conforms.ts";

const deadlineMs = 1_500;
const killSubscribers = ["TYPE", "pubsub"] as const;

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
