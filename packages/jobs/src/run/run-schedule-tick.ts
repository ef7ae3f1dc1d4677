import { jobEffectQueries, type Database } from "@cardinal/db";
import { type Job, UnrecoverableError } from "bullmq";
import type { JobLog } from "../job-log.ts";
import type { JobSchedule } from "../job-schedules.ts";
import { enqueue } from "../outbox/enqueue.ts";
import { scheduleTicketSchema } from "../queue/job-ticket.ts";

export type ScheduleTickDependencies = {
  db: Database;
  schedules: readonly JobSchedule[];
  log: JobLog;
  /** Called after a row was written: a relay's `wake`. */
  onEnqueued?: () => void;
};

/**
 * Turns the tick of a scheduler into an outbox row. BullMQ names a tick by schedule and instant; that name is written
 * as an effect beside the row, so a tick that runs twice, or on two workers, makes one row.
 */
export async function runScheduleTick(
  deps: ScheduleTickDependencies,
  tick: Job<unknown, unknown, string>,
): Promise<"enqueued" | "skipped"> {
  const ticket = scheduleTicketSchema.safeParse(tick.data);
  const schedule = ticket.success ? deps.schedules.find(({ id }) => id === ticket.data.scheduleId) : undefined;
  const tickKey = tick.id;
  if (schedule === undefined || tickKey === undefined) {
    deps.log.warn({ queue: tick.queueName, bullJobId: tick.id }, "tick of an unknown schedule");
    throw new UnrecoverableError("no such schedule");
  }
  const jobId = await deps.db.write((tx) => {
    const nowMs = Date.now();
    const isFirst = jobEffectQueries.insertOnce(tx, { jobKey: tickKey, outboxId: tickKey, nowMs });
    if (!isFirst) return null;
    return enqueue(tx, schedule.job, schedule.payload, { nowMs, orderingKey: `schedule:${schedule.id}` }).jobId;
  });
  if (jobId === null) return "skipped";
  deps.log.info({ schedule: schedule.id, jobId }, "schedule due");
  deps.onEnqueued?.();
  return "enqueued";
}
