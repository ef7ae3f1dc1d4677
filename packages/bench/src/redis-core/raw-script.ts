import { createRedisCore, type RedisCore, type RedisPort } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { openClient } from "./open-core.ts";

/** A name that a recorded call bears in the place of the one that is wanted. */
const recordedName = "recorded";

/**
 * The floor of a script: the EVALSHA that `work` makes for one name, sent again and again over a plain ioredis
 * client, with the name of each operation in its place.
 */
export async function openRawScript(
  redisUrl: string,
  work: (core: RedisCore, name: string) => Promise<unknown>,
): Promise<{ run(name: string): Promise<unknown>; close(): void }> {
  const redis = connectRedis({ target: redisUrl });
  await redis.ready();
  let recorded: Parameters<RedisPort["run"]> | undefined;
  const port: RedisPort = {
    ...redis.port,
    capabilities: redis.port.capabilities,
    slotOf: (key) => redis.port.slotOf(key),
    command: (...call) => redis.port.command(...call),
    batch: (...call) => redis.port.batch(...call),
    subscribe: (...call) => redis.port.subscribe(...call),
    eachMaster: (...call) => redis.port.eachMaster(...call),
    close: () => redis.port.close(),
    run: (...call) => {
      recorded = call;
      return redis.port.run(...call);
    },
  };
  const core = createRedisCore({ redis: port, prefix: `floor-${process.pid}` });
  await work(core, recordedName);
  await core.close();
  await redis.close();
  if (recorded === undefined) {
    throw new Error("the operation ran no script");
  }
  const [{ sha1 }, keys, args] = recorded;
  const client = await openClient(redisUrl);
  return {
    run: (name) =>
      client.evalsha(sha1, keys.length, ...keys.map((key) => key.replace(recordedName, name)), ...args),
    close: () => client.disconnect(),
  };
}
