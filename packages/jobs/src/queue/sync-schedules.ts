import type { JobSchedule } from "../job-schedules.ts";
import { queueNames } from "../queue-names.ts";
import type { JobQueues } from "./job-queues.ts";

/** The name of every scheduler's job in BullMQ; its ticket says which schedule is due. */
export const scheduleTickName = "schedule-tick";

/**
 * Makes BullMQ's schedulers those of the page: missing or changed ones are written. One that is right is not
 * touched, so that looking often never moves a tick. With `removeOthers` those of no schedule go; a relay does that
 * once, at its start, so that the old and the new processes of a deploy do not fight.
 */
export async function syncSchedules(
  queues: JobQueues,
  schedules: readonly JobSchedule[],
  options: { removeOthers: boolean },
): Promise<void> {
  for (const name of queueNames) {
    const wanted = schedules.filter((schedule) => schedule.job.queue === name);
    const queue = queues.get(name);
    const existing = await queue.getJobSchedulers(0, -1, true);
    const patterns = new Map(existing.map((scheduler) => [scheduler.key, scheduler.pattern]));
    for (const { id, pattern } of wanted) {
      if (patterns.get(id) === pattern) continue;
      await queue.upsertJobScheduler(
        id,
        { pattern, tz: "UTC" },
        { name: scheduleTickName, data: { scheduleId: id }, opts: { attempts: 5, backoff: { type: "cardinal" } } },
      );
    }
    if (!options.removeOthers) continue;
    const ids = new Set(wanted.map(({ id }) => id));
    for (const key of patterns.keys()) if (!ids.has(key)) await queue.removeJobScheduler(key);
  }
}
