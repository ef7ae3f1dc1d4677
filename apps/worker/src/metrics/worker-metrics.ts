import { outboxQueries, type Database } from "@cardinal/db";
import { type JobQueues, type JobRunReport, queueNames } from "@cardinal/jobs";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export type WorkerMetrics = {
  registry: Registry;
  onRun(report: JobRunReport): void;
  onStalled(queue: string): void;
  /** Adds the figures that are read when asked for: what BullMQ and the outbox hold. */
  watch(sources: { db: Database; queues: JobQueues }): void;
};

const bullStates = ["waiting", "active", "delayed", "completed", "failed"] as const;

export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const runs = new Counter({
    name: "job_runs_total",
    help: "Runs of jobs by how they ended.",
    labelNames: ["queue", "job", "outcome"],
    registers,
  });
  const durations = new Histogram({
    name: "job_duration_seconds",
    help: "How long a run took.",
    labelNames: ["queue", "job"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const waits = new Histogram({
    name: "job_wait_seconds",
    help: "From the moment a job could run to its first run's start.",
    labelNames: ["queue"],
    buckets: [0.01, 0.05, 0.25, 1, 5, 30, 300],
    registers,
  });
  const stalls = new Counter({
    name: "job_stalled_total",
    help: "Locks of jobs that ran out because their worker died or hung.",
    labelNames: ["queue"],
    registers,
  });
  return {
    registry,
    onRun({ queue, job, outcome, durationMs, waitedMs }) {
      runs.inc({ queue, job, outcome });
      durations.observe({ queue, job }, durationMs / 1_000);
      waits.observe({ queue }, waitedMs / 1_000);
    },
    onStalled: (queue) => stalls.inc({ queue }),
    watch({ db, queues }) {
      watchOutbox(registers, db);
      watchQueues(registers, queues);
    },
  };
}

function watchOutbox(registers: Registry[], db: Database): void {
  const oldest = new Gauge({
    name: "outbox_oldest_due_seconds",
    help: "How long the oldest row that could be relayed has waited.",
    registers,
  });
  new Gauge({
    name: "outbox_rows",
    help: "Rows of the outbox by state.",
    labelNames: ["state"],
    registers,
    async collect() {
      const nowMs = Date.now();
      const { states, nextRunAtMs = nowMs } = await db.read((tx) => ({
        states: outboxQueries.countByState(tx),
        nextRunAtMs: outboxQueries.nextRunAtMs(tx),
      }));
      for (const [state, rows] of Object.entries(states)) this.set({ state }, rows);
      oldest.set(Math.max(0, nowMs - nextRunAtMs) / 1_000);
    },
  });
}

/** Figures from Redis are left out while it is away. */
function watchQueues(registers: Registry[], queues: JobQueues): void {
  const oldest = new Gauge({
    name: "bullmq_oldest_waiting_seconds",
    help: "Age of the oldest job that waits in BullMQ.",
    labelNames: ["queue"],
    registers,
  });
  new Gauge({
    name: "bullmq_job_count",
    help: "Jobs in BullMQ by state.",
    labelNames: ["queue", "state"],
    registers,
    async collect() {
      this.reset();
      oldest.reset();
      if (!queues.isReady()) return;
      for (const name of queueNames) {
        const queue = queues.get(name);
        const counts = await queue.getJobCounts(...bullStates);
        for (const [state, jobs] of Object.entries(counts)) this.set({ queue: name, state }, jobs);
        const [first] = await queue.getJobs(["waiting"], 0, 0, true);
        oldest.set({ queue: name }, first === undefined ? 0 : (Date.now() - first.timestamp) / 1_000);
      }
    },
  });
}
