import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type Database, openDatabase } from "@cardinal/db";
import {
  type JobHandlerEntry,
  type JobLog,
  type JobQueues,
  type JobRunReport,
  type JobSchedule,
  type OutboxRelay,
  allJobs,
  createJobQueues,
  createOutboxRelay,
  describeJobError,
  jobSchedules,
  listenToOutboxDoorbell,
  progressPublisher,
} from "@cardinal/jobs";
import { createRedisCore } from "@cardinal/redis-core";
import { type RedisConnection, connectRedis, createRedisClient } from "@cardinal/redis-core/connection";
import { formatPrometheus } from "@cardinal/redis-core/monitor";
import { createTagInvalidators } from "./create-tag-invalidators.ts";
import type { WorkerConfig } from "./config.ts";
import { createHandlers } from "./handlers/create-handlers.ts";
import { type HealthReport, checkHealth } from "./health/health-checks.ts";
import { createMailer } from "./mail/mailer.ts";
import { createRedisTelemetry } from "./metrics/redis-telemetry.ts";
import { type WorkerMetrics, createWorkerMetrics } from "./metrics/worker-metrics.ts";
import { type Workers, createWorkers } from "./create-workers.ts";

export type WorkerOverrides = {
  db?: Database;
  handlers?: ReadonlyMap<string, JobHandlerEntry>;
  schedules?: readonly JobSchedule[];
};

export type WorkerContext = {
  db: Database;
  metrics: WorkerMetrics;
  relay: OutboxRelay;
  queues: JobQueues;
  health(): Promise<HealthReport>;
  /** All figures in Prometheus' text form: the process', the jobs' and Redis' own. */
  metricsText(): Promise<string>;
  /** Waits for Redis as long as it takes, then takes jobs. Rejects only when the context is disposed meanwhile. */
  start(): Promise<void>;
  /** Resolves with the next run that ends. */
  untilRun(): Promise<JobRunReport>;
  /** Takes no more jobs, waits for the running ones and closes everything in reverse order. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Running jobs are told to give up this long before the time to stop is over, and are given back to the queue. */
const giveBackMs = 2_000;
const policyRetryMs = 5_000;

/** Composes the process. Opens the database; Redis may be away and is waited for in `start`. */
export function createWorkerContext(
  config: WorkerConfig,
  log: JobLog,
  overrides: WorkerOverrides = {},
): WorkerContext {
  const stack = new AsyncDisposableStack();
  const metrics = createWorkerMetrics();
  const runs = new EventEmitter<{ run: [JobRunReport] }>();
  const telemetry = createRedisTelemetry(metrics.registry, log);
  const db = overrides.db ?? stack.use(openDatabase({ path: config.databasePath }));

  const connect = (target: string, role: "state" | "cache"): RedisConnection =>
    stack.use(connectRedis({ target, role, name: "worker", telemetry }));
  const state = connect(config.redis.url, "state");
  const cache = config.redis.cacheUrl === config.redis.url ? state : connect(config.redis.cacheUrl, "cache");
  const core = stack.use(
    createRedisCore({ redis: state.port, cacheRedis: cache.port, prefix: config.redis.keyPrefix, telemetry }),
  );

  const monitor = core.monitor({ deadlineMs: 1_000 });

  const queueClient = createRedisClient({ target: config.redis.url, purpose: "queue", name: "worker:queues" });
  stack.defer(() => queueClient.disconnect());
  // The state connection leads to the same Redis and reports its outages; this would say each a second time.
  const onQueueError = (error: Error): void => log.debug({ error: describeJobError(error) }, "queue error");
  const queues = createJobQueues({
    connection: queueClient,
    keyPrefix: config.redis.keyPrefix,
    onError: onQueueError,
  });
  stack.defer(() => queues.close());
  metrics.watch({ db, queues });

  const schedules = overrides.schedules ?? jobSchedules;
  const { relayPollMs, reconcileEveryMs, maxQueuedPerOwner } = config.jobs;
  const relay = createOutboxRelay({
    db,
    queues,
    log,
    jobs: allJobs,
    schedules,
    pollMs: relayPollMs,
    reconcileEveryMs,
    maxQueuedPerOwner,
  });
  const handlers =
    overrides.handlers ??
    createHandlers({
      db,
      mailer: createMailer(config.mail),
      publicUrl: config.publicUrl,
      caches: createTagInvalidators(core),
    });

  const closing = new AbortController();
  const stopping = new AbortController();
  let workers: Workers | null = null;
  let whyIdle: string | null = "waiting for Redis";

  async function untilQueueIsSafe(): Promise<void> {
    for (;;) {
      await state.ready(closing.signal);
      const { findings } = await monitor.reportCheck(config.environment === "production" ? "warn" : "error");
      const evicts = findings.find(({ code }) => code === "state-evicts");
      if (evicts === undefined) return;
      whyIdle = `Redis evicts, which loses jobs: ${evicts.found}; set noeviction`;
      log.error({ found: evicts.found }, "no jobs are taken: Redis must not evict");
      await pause(policyRetryMs, undefined, { signal: closing.signal });
    }
  }

  async function listen(): Promise<void> {
    try {
      const doorbell = await listenToOutboxDoorbell(core, () => relay.wake(), { signal: closing.signal });
      if (closing.signal.aborted) await doorbell.close();
    } catch (error) {
      if (!closing.signal.aborted) log.warn({ error: describeJobError(error) }, "no doorbell: jobs start by polling");
    }
  }

  async function stopJobs(): Promise<void> {
    whyIdle = "stopping";
    closing.abort(new Error("the worker is stopping"));
    const timer = setTimeout(
      () => stopping.abort(new Error("the worker must stop")),
      Math.max(0, config.stopTimeoutMs - giveBackMs),
    );
    await Promise.all([relay.stop(), workers?.close()]);
    clearTimeout(timer);
  }
  stack.defer(stopJobs);

  return {
    db,
    metrics,
    relay,
    queues,
    untilRun: async () => {
      const [report] = await once(runs, "run");
      return report;
    },
    metricsText: async () => {
      const [own, ofRedis] = await Promise.all([metrics.registry.metrics(), monitor.metrics()]);
      return own + formatPrometheus(ofRedis);
    },
    health: () => checkHealth({ redis: () => state.health(), db, whyIdle: () => whyIdle }),
    async start() {
      await untilQueueIsSafe();
      closing.signal.throwIfAborted();
      workers = createWorkers({
        config,
        db,
        handlers,
        schedules,
        relay,
        publishProgress: progressPublisher(core),
        onRun: (report) => runs.emit("run", report),
        metrics,
        stopping: stopping.signal,
        log,
      });
      relay.start();
      whyIdle = null;
      await listen();
      log.info({ queues: ["email", "maintenance"] }, "worker takes jobs");
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
