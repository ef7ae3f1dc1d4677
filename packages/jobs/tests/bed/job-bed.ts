import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, type OutboxRow, auditQueries, migrate, openDatabase, outboxQueries } from "@cardinal/db";
import { type RedisCore, createRedisCore } from "@cardinal/redis-core";
import { connectRedis, createRedisClient } from "@cardinal/redis-core/connection";
import {
  type EnqueueOptions,
  type JobHandlerEntry,
  type JobQueues,
  type JobSchedule,
  type JobWorker,
  type OutboxRelay,
  type OutboxRelayOptions,
  type ProgressSink,
  createJobQueues,
  createJobWorker,
  createOutboxRelay,
  enqueue,
} from "../../src/index.ts";
import { z } from "zod";
import { type CapturedLog, createCapturedLog } from "./captured-log.ts";
import { recordEffect } from "./record-effect.job.ts";

export type WorkerOverrides = {
  concurrency?: number;
  lockDurationMs?: number;
  stalledIntervalMs?: number;
  stopping?: AbortSignal;
  schedules?: readonly JobSchedule[];
  publishProgress?: ProgressSink;
  relay?: OutboxRelay;
};

export type JobBed = {
  db: Database;
  databasePath: string;
  redisUrl: string;
  keyPrefix: string;
  core: RedisCore;
  queues: JobQueues;
  log: CapturedLog;
  relay(options?: Partial<OutboxRelayOptions>): OutboxRelay;
  worker(handlers: readonly JobHandlerEntry[], overrides?: WorkerOverrides): JobWorker;
  /** Commits one `record-effect` job and returns its id. */
  enqueueOne(label: string, options?: EnqueueOptions): Promise<string>;
  row(jobId: string): Promise<OutboxRow>;
  /** Labels of the effects that committed, in their order. */
  effects(): Promise<string[]>;
  defer(close: () => unknown): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A database of its own, a key prefix of its own, and whatever a test starts on them, closed at its end. */
export async function createJobBed(redisUrl: string): Promise<JobBed> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cardinal-jobs-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const databasePath = join(folder, "test.db");
  await migrate(databasePath);
  const db = opening.use(openDatabase({ path: databasePath }));
  const keyPrefix = `t-${randomBytes(6).toString("hex")}`;
  const log = createCapturedLog();
  const connection = opening.use(connectRedis({ target: redisUrl }));
  await connection.ready();
  const core = opening.use(createRedisCore({ redis: connection.port, prefix: keyPrefix }));

  const queueClient = createRedisClient({ target: redisUrl, purpose: "queue" });
  queueClient.on("error", () => undefined);
  opening.defer(() => queueClient.disconnect());
  const queues = createJobQueues({ connection: queueClient, keyPrefix, onError: () => undefined });
  opening.defer(() => queues.close());
  if (!queues.isReady()) await new Promise((resolve) => queueClient.once("ready", resolve));
  const stack = opening.move();

  return {
    db,
    databasePath,
    redisUrl,
    keyPrefix,
    core,
    queues,
    log,
    relay(options = {}) {
      const relay = createOutboxRelay({
        db,
        queues,
        log,
        jobs: [recordEffect],
        pollMs: 20,
        reconcileEveryMs: 50,
        ...options,
      });
      stack.defer(() => relay.stop());
      return relay;
    },
    worker(handlers, overrides = {}) {
      const { relay, schedules = [], stopping, publishProgress } = overrides;
      const worker = createJobWorker({
        queue: "maintenance",
        redis: redisUrl,
        keyPrefix,
        concurrency: overrides.concurrency ?? 4,
        lockDurationMs: overrides.lockDurationMs ?? 5_000,
        stalledIntervalMs: overrides.stalledIntervalMs ?? 5_000,
        log,
        run: {
          db,
          log,
          handlers: new Map(handlers.map((handler) => [handler.contract.name, handler])),
          stopping: stopping ?? new AbortController().signal,
          publishProgress: publishProgress ?? (async () => undefined),
          onRun: () => relay?.wake(),
        },
        tick: { db, log, schedules, onEnqueued: () => relay?.wake() },
        onGivenUp: () => relay?.wakeToReconcile(),
      });
      stack.defer(() => worker.close());
      return worker;
    },
    async enqueueOne(label, options) {
      const { jobId } = await db.write((tx) => enqueue(tx, recordEffect, { label }, options));
      return jobId;
    },
    async row(jobId) {
      const row = await db.read((tx) => outboxQueries.find(tx, jobId));
      if (row === undefined) throw new Error(`no row ${jobId}`);
      return row;
    },
    async effects() {
      const lines = await db.read((tx) => auditQueries.list(tx, { action: "effect", limit: 10_000 }));
      return lines.toReversed().map(({ details }) => z.object({ label: z.string() }).parse(details).label);
    },
    defer: (close) => stack.defer(async () => void (await close())),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
