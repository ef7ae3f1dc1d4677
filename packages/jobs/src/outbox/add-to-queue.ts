import type { OutboxRow } from "@cardinal/db";
import type { JobContract } from "../define-job.ts";
import type { JobQueues } from "../queue/job-queues.ts";
import { bullJobId } from "../queue/job-ticket.ts";
import { type QueueName, isQueueName } from "../queue-names.ts";

/** The row's queue, or `maintenance` for a name nobody knows, where a worker buries it with the reason. */
export function queueOfRow(row: OutboxRow): QueueName {
  return isQueueName(row.queue) ? row.queue : "maintenance";
}

/**
 * Adds the rows' jobs to BullMQ in order, one round trip for each queue. A job that is there already is left alone,
 * but a finished one of an earlier life of the row (a replayed dead letter) gives way.
 */
export async function addToQueue(
  queues: JobQueues,
  contracts: ReadonlyMap<string, JobContract>,
  rows: readonly OutboxRow[],
): Promise<void> {
  const rowsByQueue = Map.groupBy(rows, queueOfRow);
  for (const [name, queueRows] of rowsByQueue) {
    const queue = queues.get(name);
    const replayed = queueRows.filter((row) => row.lastError !== null);
    await Promise.all(replayed.map((row) => queue.remove(bullJobId(row.id))));
    await queue.addBulk(
      queueRows.map((row) => ({
        name: row.jobName,
        data: { outboxId: row.id },
        opts: {
          jobId: bullJobId(row.id),
          attempts: contracts.get(row.jobName)?.options.attempts ?? 1,
          backoff: { type: "cardinal" },
        },
      })),
    );
  }
}
