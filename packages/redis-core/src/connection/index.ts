export {
  connectRedis,
  type ConnectRedisOptions,
  type RedisConnection,
  type RedisHealth,
} from "./connect-redis.ts";
export {
  createRedisClient,
  type RedisClientOptions,
  type RedisPurpose,
  reconnectDelayMs,
} from "./redis-client.ts";
export {
  describeTarget,
  parseRedisUrl,
  type RedisAddress,
  type RedisCredentials,
  type RedisTarget,
} from "./redis-target.ts";
