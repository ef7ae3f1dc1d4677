import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freePort, startRedis, startUpstashGateway } from "@cardinal/dev";
import { Misuse, RedisUnavailable, UnsupportedByTransport } from "@cardinal/redis-core";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis as CloudflareRedis } from "@upstash/redis/cloudflare";
import { Redis } from "@upstash/redis";
import { createClient } from "redis";
import { expect, inject, it } from "vitest";

const url = "http://127.0.0.1";

it("nodeRedisPort refuses RESP 3 and a prefix that scripts would not see", () => {
  expect(() => nodeRedisPort(createClient())).toThrow(Misuse);
  expect(() => nodeRedisPort(createClient({ RESP: 2, keyPrefix: "app:" }))).toThrow(Misuse);
});

it("nodeRedisPort fails at once on a client that was never connected", async () => {
  const port = nodeRedisPort(createClient({ RESP: 2 }));
  await expect(port.command("PING", [], [])).rejects.toThrow(RedisUnavailable);
});

it("nodeRedisPort counts what is still in the client's queue as never sent", async () => {
  await using redis = await startRedis();
  const client = createClient({ url: redis.url, RESP: 2 });
  client.on("error", () => {});
  await client.connect();
  const port = nodeRedisPort(client);
  const written = port.command("PING", [], []);
  // In the same turn, before the client writes its queue.
  client.destroy();
  await expect(written).rejects.toThrow(RedisUnavailable);
});

it("upstashPort refuses a client that sends again by itself; `retry: false` still does", () => {
  expect(() => upstashPort(new Redis({ url, token: "t" }))).toThrow(Misuse);
  expect(() => upstashPort(new Redis({ url, token: "t", retry: false }))).toThrow("retries: 0");
});

it("upstashPort takes the edge client too, and needs a socket for replicas", async () => {
  const nobody = `${url}:${await freePort()}`;
  const port = upstashPort(new CloudflareRedis({ url: nobody, token: "t", retry: { retries: 0 } }));
  await expect(port.command("PING", [], [], { waitReplicas: 1 })).rejects.toThrow(UnsupportedByTransport);
  await expect(port.command("PING", [], [])).rejects.toThrow(RedisUnavailable);
});

it("upstashPort is RedisUnavailable with a wrong token, and asks without base64 just as well", async () => {
  await using gateway = await startUpstashGateway({ redisUrl: inject("redisUrl"), token: "right" });
  const wrong = upstashPort(new Redis({ url: gateway.url, token: "wrong", retry: { retries: 0 } }));
  await expect(wrong.command("PING", [], [])).rejects.toThrow(RedisUnavailable);
  const plain = new Redis({
    url: gateway.url,
    token: "right",
    retry: { retries: 0 },
    responseEncoding: false,
    enableAutoPipelining: false,
  });
  const digits = "12345678901234567890";
  expect(await upstashPort(plain).command("ECHO", [], [digits])).toBe(digits);
});

it("nothing that upstashPort imports needs Node", async () => {
  const source = join(import.meta.dirname, "../src");
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) {
      return;
    }
    seen.add(file);
    const text = await readFile(file, "utf8");
    for (const [, isType, name = ""] of text.matchAll(/^(?:import|export)( type)? [^;]*?from "([^"]+)";/gms)) {
      if (name.startsWith(".")) {
        await visit(join(dirname(file), name));
      } else if (isType === undefined) {
        outside.add(name);
      }
    }
  };
  await visit(join(source, "upstash/index.ts"));
  expect(seen.size).toBeGreaterThan(5);
  expect([...outside]).toEqual([]);
  await visit(join(source, "index.ts"));
  expect([...outside].filter((name) => name.startsWith("node:") || name === "ioredis")).toEqual([]);
});
