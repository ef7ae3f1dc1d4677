import { type AppDeps, type AppDepsOptions, createAppDeps } from "@cardinal/api";
import { createEpochStore, type Database, migrate, openDatabase } from "@cardinal/db";
import { type Clock, createRedisCore, type RedisCore } from "@cardinal/redis-core";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import type { Logger } from "pino";
import { type LazyQueues, lazyQueues } from "./admin/open-queues.ts";
import type { ServerConfig } from "./config.ts";
import { createLog } from "./create-log.ts";
import type { Patience } from "./live/patience.ts";
import { createMetrics, type Metrics } from "./metrics/create-metrics.ts";

/** Everything one server process is made of. Disposed in reverse order of creation. */
export interface ServerContext extends AsyncDisposable {
  readonly config: ServerConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly redis: RedisConnection;
  /** The cache's own Redis; null where one Redis serves both roles. */
  readonly cacheRedis: RedisConnection | null;
  readonly db: Database;
  readonly core: RedisCore;
  readonly deps: AppDeps;
  /** For the admins' queue board. */
  readonly queues: LazyQueues;
}

/** What a test may put in the place of the real thing. */
export interface ServerOverrides {
  readonly log?: Logger;
  /** Moves the time of Redis' scripts and of the API together. */
  readonly clock?: Clock;
  readonly deps?: Partial<Pick<AppDepsOptions, "live" | "passwords" | "policies">>;
  /** How long a WebSocket may be silent. */
  readonly patience?: Partial<Patience>;
}

/**
 * The composition root: opens the database (migrating it first) and the connections to Redis, and builds the API's
 * dependencies. It does not wait for Redis: a server may start before it.
 */
export async function createServerContext(
  config: ServerConfig,
  overrides: ServerOverrides = {},
): Promise<ServerContext> {
  await using opening = new AsyncDisposableStack();
  const { clock } = overrides;
  const log = overrides.log ?? createLog(config);
  const metrics = createMetrics();
  const telemetry = metrics.redis(log);
  const connection = { name: "cardinal-server", checkSlots: !config.isProduction, telemetry };

  await migrate(config.databasePath);
  const db = opening.use(openDatabase({ path: config.databasePath, onEvent: metrics.databaseEvent }));

  const redis = opening.use(connectRedis({ ...connection, target: config.redis.state, role: "state" }));
  const cacheRedis =
    config.redis.cache === null
      ? null
      : opening.use(connectRedis({ ...connection, target: config.redis.cache, role: "cache" }));

  const core = opening.use(
    createRedisCore({
      redis: redis.port,
      ...(cacheRedis === null ? {} : { cacheRedis: cacheRedis.port }),
      prefix: config.redis.prefix,
      epochStore: createEpochStore({ db }),
      telemetry,
      ...(clock === undefined ? {} : { clock }),
    }),
  );
  const deps = createAppDeps({
    ...overrides.deps,
    ...(clock === undefined ? {} : { now: () => clock.nowMs() }),
    config: config.api,
    db,
    core,
    checkRedis: async () => (await redis.health()).ok,
    log,
    telemetry: metrics.api,
  });

  opening.defer(() => deps.live.close());
  const queues = opening.use(lazyQueues(config, log));

  const opened = opening.move();
  return {
    config,
    log,
    metrics,
    redis,
    cacheRedis,
    db,
    core,
    deps,
    queues,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
