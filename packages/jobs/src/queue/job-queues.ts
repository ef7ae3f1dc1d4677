import { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import { type JobTicket, type ScheduleTicket, bullJobId } from "./job-ticket.ts";
import { type QueueName, queueKeyPrefix, queueNames } from "../queue-names.ts";

export type TicketQueue = Queue<JobTicket | ScheduleTicket, unknown, string>;

export type JobQueues = {
  get(name: QueueName): TicketQueue;
  /** Whether commands can be sent now. */
  isReady(): boolean;
  /** Calls back whenever the connection became ready (again). Returns the way to stop that. */
  onReady(callback: () => void): () => void;
  /** The latest progress a running job reported, 0 to 1; null when it reported none or is not in BullMQ. */
  findProgress(name: QueueName, outboxId: string): Promise<number | null>;
  /** Closes the queues. The connection stays the caller's. */
  close(): Promise<void>;
};

/** How long finished jobs stay in BullMQ for its charts and the board. The database is what counts. */
export const finishedJobRetention = {
  removeOnComplete: { age: 24 * 60 * 60, count: 1_000 },
  removeOnFail: { age: 30 * 24 * 60 * 60, count: 10_000 },
} as const;

/**
 * The queues of one installation over one connection. Give it a client that fails fast (`enableOfflineQueue: false`,
 * `maxRetriesPerRequest: 1`, a command timeout): whoever waits here is a request or the relay, and both can come back.
 * Errors of the connection go to `onError`.
 */
export function createJobQueues(options: {
  connection: Redis | Cluster;
  keyPrefix: string;
  onError: (error: Error) => void;
}): JobQueues {
  const { connection, keyPrefix, onError } = options;
  const prefix = queueKeyPrefix(keyPrefix);
  const queues = new Map<QueueName, TicketQueue>();

  function get(name: QueueName): TicketQueue {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue: TicketQueue = new Queue(name, { connection, prefix, defaultJobOptions: finishedJobRetention });
    queue.on("error", onError);
    queues.set(name, queue);
    return queue;
  }
  for (const name of queueNames) get(name);

  return {
    get,
    isReady: () => connection.status === "ready",
    onReady(callback) {
      connection.on("ready", callback);
      return () => connection.off("ready", callback);
    },
    async findProgress(name, outboxId) {
      const job = await get(name).getJob(bullJobId(outboxId));
      return progressFraction(job?.progress);
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    },
  };
}

function progressFraction(progress: unknown): number | null {
  if (typeof progress !== "object" || progress === null || !("progress" in progress)) return null;
  return typeof progress.progress === "number" ? progress.progress : null;
}
