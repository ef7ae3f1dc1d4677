import { type AppDeps, createAppDeps } from "@cardinal/api";
import { createEpochStore, migrate, openDatabase } from "@cardinal/db";
import { createRedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";

/** Where an installation keeps its data. */
export interface Installation {
  readonly databasePath: string;
  readonly redisUrl: string;
  readonly prefix: string;
}

/** The API's dependencies over an installation, as a process beside the servers has them. */
export async function openDeps({ databasePath, redisUrl, prefix }: Installation): Promise<{
  readonly deps: AppDeps;
  close(): Promise<void>;
}> {
  await using opening = new AsyncDisposableStack();
  await migrate(databasePath);
  const db = opening.use(openDatabase({ path: databasePath }));
  const redis = opening.use(connectRedis({ target: redisUrl, role: "state", name: "cardinal-bench" }));
  await redis.ready();
  const core = opening.use(createRedisCore({ redis: redis.port, prefix, epochStore: createEpochStore({ db }) }));
  const config = {
    isProduction: true,
    version: "0.0.0",
    allowedOrigins: [],
    isSecure: false,
    trustedProxyHops: 0,
    countryHeader: null,
    hasDemoLogins: false,
    instances: 1,
  };
  const deps = createAppDeps({ config, db, core, checkRedis: async () => (await redis.health()).ok });
  opening.defer(() => deps.live.close());
  const opened = opening.move();
  return { deps, close: () => opened.disposeAsync() };
}
