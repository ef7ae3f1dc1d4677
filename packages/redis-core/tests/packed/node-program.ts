/** What an adopter writes on Node: run from the packed package, on every Node that it supports. */
import { createRedisCore, isOutage } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { Misuse } from "@cardinal/redis-core/errors";
import { formatPrometheus } from "@cardinal/redis-core/monitor";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";
import { createClient } from "redis";

interface User {
  readonly name: string;
  readonly joined: Date;
}

const [, , url = "", prefix = ""] = process.argv;
const redis = connectRedis({ target: url });
const core = createRedisCore({ redis: redis.port, prefix });
try {
  await redis.ready(AbortSignal.timeout(10_000));
  const users = core.cache<User>("user", { ttl: "1m" });
  const user = await users.getOrSet("ada", async () => ({ name: "Ada", joined: new Date(0) }));
  // @ts-expect-error the cache holds users
  const wrong: number | undefined = user;
  const limiter = core.limiter("api", { user: slidingWindow(1, "1m") }, { onUnavailable: "closed" });
  await limiter.limit({ user: "ada" });
  const { allowed, limitedBy } = await limiter.limit({ user: "ada" });
  const held = await core.lock("report").tryAcquire();
  const sessions = core.sessions<{ theme: string }>({ idle: "1h", absolute: "1d" });
  const { token } = await sessions.create({ userId: "ada", data: { theme: "dark" } });
  const news = core.channel<string>("news");
  const heard = Promise.withResolvers<string>();
  const subscription = await news.subscribe((message) => heard.resolve(message));
  await news.publish("hello");

  const client = createClient({ url, RESP: 2 });
  await client.connect();
  const other = createRedisCore({ redis: nodeRedisPort(client), prefix });
  const cached = await other.cache<User>("user", { ttl: "1m" }).get("ada");
  client.destroy();

  const figures = formatPrometheus(await core.monitor().metrics());
  process.stdout.write(
    JSON.stringify({
      node: process.versions.node,
      joined: wrong === undefined ? null : cached?.joined,
      allowed,
      limitedBy,
      token: typeof held?.token,
      theme: (await sessions.verify(token))?.data.theme,
      heard: await heard.promise,
      isUp: figures.includes('redis_up{role="state+cache",node="single"} 1'),
      isOutage: isOutage(new Misuse("x")),
    }),
  );
  await subscription.close();
  await held?.release();
} finally {
  await core.close();
  await redis.close();
}
