import type { JobContract } from "./define-job.ts";
import { trimOutbox } from "./jobs/trim-outbox.job.ts";
import { trimRoomLog } from "./jobs/trim-room-log.job.ts";
import { trimSessions } from "./jobs/trim-sessions.job.ts";

/**
 * A job that runs by the clock. `pattern` is a cron line read in UTC. A tick writes an outbox row, at most one for
 * each schedule and instant however many workers see it, so that scheduled work has the same states, retries and
 * dead letters as any other.
 */
export type JobSchedule = {
  /** Stable: renaming it removes the old scheduler and starts a new one. */
  readonly id: string;
  readonly job: JobContract;
  readonly payload: unknown;
  readonly pattern: string;
};

/** All schedules on one page. Minutes are odd on purpose, so that not everything starts at the full hour. */
export const jobSchedules: readonly JobSchedule[] = [
  { id: "trim-sessions-hourly", job: trimSessions, payload: {}, pattern: "17 * * * *" },
  { id: "trim-outbox-daily", job: trimOutbox, payload: { keepDays: 30 }, pattern: "41 3 * * *" },
  { id: "trim-room-log-hourly", job: trimRoomLog, payload: {}, pattern: "29 * * * *" },
];
