import { resolve } from "node:path";
import type { AppConfig } from "@cardinal/api";
import { parseRedisUrl, type RedisTarget } from "@cardinal/redis-core/connection";
import type { ServerEnv } from "./env.ts";

/** The server's configuration: nested, with every default filled in. */
export interface ServerConfig {
  readonly isProduction: boolean;
  readonly listen: {
    /** Undefined: every address, IPv6 included. */
    readonly host: string | undefined;
    readonly port: number;
    /**
     * Lets several servers of one host share the port. Not in development, where a taken port is a mistake.
     */
    readonly isShared: boolean;
  };
  readonly publicUrl: string;
  readonly databasePath: string;
  readonly redis: {
    readonly state: RedisTarget;
    readonly cache: RedisTarget | null;
    readonly prefix: string;
  };
  readonly api: AppConfig;
  /** Counts the seeded page views once, so that a fresh development shows figures. */
  readonly fillsDemoViews: boolean;
  readonly metricsToken: string | null;
  readonly logLevel: ServerEnv["LOG_LEVEL"];
  /** The built web app, served when it is there. */
  readonly webRoot: string;
}

export const DEVELOPMENT_REDIS_PORT = 6399;
export const DEVELOPMENT_SERVER_PORT = 3000;

const repositoryRoot = resolve(import.meta.dirname, "../../..");

/** From the checked environment to configuration. `version` is the server's own. */
export function toConfig(env: ServerEnv, version: string): ServerConfig {
  const isProduction = env.NODE_ENV === "production";
  const port = env.SERVER_PORT ?? env.PORT ?? DEVELOPMENT_SERVER_PORT;
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.WEB_PORT}`;
  return {
    isProduction,
    listen: {
      host: env.SERVER_HOST ?? (isProduction ? undefined : "127.0.0.1"),
      port,
      isShared: isProduction && process.platform === "linux",
    },
    publicUrl,
    databasePath: resolve(repositoryRoot, env.DATABASE_PATH ?? ".data/cardinal.db"),
    redis: {
      state: stateTarget(env),
      cache: env.REDIS_CACHE_URL === undefined ? null : parseRedisUrl(env.REDIS_CACHE_URL),
      prefix: env.KEY_PREFIX,
    },
    api: {
      isProduction,
      version,
      allowedOrigins: isProduction
        ? [new URL(publicUrl).origin]
        : developmentOrigins(publicUrl, [env.WEB_PORT, port]),
      isSecure: publicUrl.startsWith("https:"),
      trustedProxyHops: env.TRUSTED_PROXY_HOPS,
      countryHeader: env.COUNTRY_HEADER ?? null,
      hasDemoLogins: env.DEMO_LOGIN ?? !isProduction,
      instances: env.SERVER_INSTANCES,
    },
    fillsDemoViews: env.NODE_ENV === "development" && env.DEMO_LOGIN !== false,
    metricsToken: env.METRICS_TOKEN ?? null,
    logLevel: env.LOG_LEVEL,
    webRoot: resolve(repositoryRoot, "apps/web/dist"),
  };
}

function stateTarget(env: ServerEnv): RedisTarget {
  if (env.REDIS_URL !== undefined) {
    return parseRedisUrl(env.REDIS_URL);
  }
  const isPrivate = env.REDIS_HOST === undefined;
  return {
    kind: "node",
    tls: false,
    database: 0,
    address: {
      host: env.REDIS_HOST ?? "127.0.0.1",
      port: env.REDIS_PORT ?? (isPrivate ? DEVELOPMENT_REDIS_PORT : 6379),
    },
    ...(env.REDIS_PASSWORD === undefined ? {} : { password: env.REDIS_PASSWORD }),
  };
}

function developmentOrigins(publicUrl: string, ports: readonly number[]): string[] {
  const local = ports.flatMap((port) => [`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
  return [...new Set([new URL(publicUrl).origin, ...local])];
}
