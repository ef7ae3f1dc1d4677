import { resolve } from "node:path";
import { type WorkerEnv, InvalidEnvironment } from "./env.ts";
import { parseMailSender } from "./mail/mail-address.ts";

export type WorkerConfig = {
  environment: WorkerEnv["NODE_ENV"];
  logLevel: WorkerEnv["LOG_LEVEL"];
  databasePath: string;
  redis: { url: string; cacheUrl: string; keyPrefix: string };
  health: { host: string; port: number };
  publicUrl: string;
  mail: { smtpUrl: string | null; from: { name: string; address: string } };
  jobs: {
    /** Jobs a process runs at the same time, for each queue. */
    concurrency: { email: number; maintenance: number };
    /** A job whose worker has not renewed its lock for this long is given to another. */
    lockDurationMs: number;
    stalledIntervalMs: number;
    /** Rows of one member that may be in BullMQ at the same time; the others wait in the outbox. */
    maxQueuedPerOwner: number;
    relayPollMs: number;
    reconcileEveryMs: number;
  };
  /** Running jobs have this long to finish after a stop signal. */
  stopTimeoutMs: number;
};

const repositoryRoot = resolve(import.meta.dirname, "../../..");

/** Nested and defaulted. */
export function createConfig(env: WorkerEnv): WorkerConfig {
  const from = parseMailSender(env.MAIL_FROM ?? "Cardinal <hello@cardinal.test>");
  if (from === null) throw new InvalidEnvironment(["MAIL_FROM: must be an address, or Name <address>"]);
  const redisUrl = env.REDIS_URL ?? redisUrlOf(env);
  return {
    environment: env.NODE_ENV,
    logLevel: env.LOG_LEVEL,
    databasePath: resolve(repositoryRoot, env.DATABASE_PATH ?? ".data/cardinal.db"),
    redis: { url: redisUrl, cacheUrl: env.REDIS_CACHE_URL ?? redisUrl, keyPrefix: env.KEY_PREFIX },
    health: { host: env.WORKER_HOST, port: env.WORKER_PORT },
    publicUrl: env.PUBLIC_URL ?? "http://localhost:5173",
    mail: { smtpUrl: env.SMTP_URL === undefined || env.SMTP_URL === "local" ? null : env.SMTP_URL, from },
    jobs: {
      concurrency: { email: 8, maintenance: 2 },
      lockDurationMs: 30_000,
      stalledIntervalMs: 15_000,
      maxQueuedPerOwner: 20,
      relayPollMs: 1_000,
      reconcileEveryMs: 5_000,
    },
    stopTimeoutMs: 25_000,
  };
}

function redisUrlOf(env: WorkerEnv): string {
  const defaultPort = env.NODE_ENV === "production" ? 6379 : 6399;
  const url = new URL(`redis://${env.REDIS_HOST ?? "127.0.0.1"}:${env.REDIS_PORT ?? defaultPort}`);
  if (env.REDIS_PASSWORD !== undefined) url.password = env.REDIS_PASSWORD;
  return url.href;
}
