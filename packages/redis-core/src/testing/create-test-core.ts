import type { Clock } from "../clock.ts";
import { connectRedis, type RedisConnection } from "../connection/connect-redis.ts";
import { createRedisCore, type RedisCore, type RedisCoreOptions } from "../core.ts";
import { randomHex } from "../random.ts";

export interface TestCoreOptions extends Partial<Omit<RedisCoreOptions, "redis">> {
  readonly clock?: Clock;
}

export interface TestCore {
  readonly core: RedisCore;
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** Every key of this core, for assertions on TTLs and leaks. */
  listKeys(): Promise<string[]>;
  /** Keys of this core that would stay for ever. */
  listPermanentKeys(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A core on a real Redis under a key prefix of its own, removed when disposed. Slots are checked, so that
 * what passes here holds on a Cluster.
 */
export async function createTestCore(url: string, options: TestCoreOptions = {}): Promise<TestCore> {
  const redis = connectRedis({ target: url, checkSlots: true, deadlineMs: 5_000 });
  await redis.ready(AbortSignal.timeout(10_000));
  const prefix = options.prefix ?? `test-${randomHex(6)}`;
  const core = createRedisCore({ ...options, redis: redis.port, prefix });

  const listKeys = () => scan(redis, `${prefix}:*`);
  const listPermanentKeys = async () => {
    const keys = await listKeys();
    const ttls = await redis.port.batch(keys.map((key) => ({ name: "PTTL", keys: [key], args: [] })));
    return keys.filter((_, index) => {
      const result = ttls[index];
      return result?.ok === true && result.reply === -1;
    });
  };
  const dispose = async () => {
    await core.close();
    const keys = await listKeys();
    await redis.port.batch(keys.map((key) => ({ name: "UNLINK", keys: [key], args: [] })));
    await redis.close();
  };
  return { core, redis, prefix, listKeys, listPermanentKeys, [Symbol.asyncDispose]: dispose };
}

async function scan(redis: RedisConnection, pattern: string): Promise<string[]> {
  const perMaster = await redis.port.eachMaster(async (master) => {
    const found: string[] = [];
    let cursor = "0";
    do {
      const reply = await master.command("SCAN", [cursor, "MATCH", pattern, "COUNT", 500]);
      if (!Array.isArray(reply) || typeof reply[0] !== "string" || !Array.isArray(reply[1])) {
        break;
      }
      cursor = reply[0];
      found.push(...reply[1].filter((key) => typeof key === "string"));
    } while (cursor !== "0");
    return found;
  });
  return [...new Set(perMaster.flat())];
}
