export { defineJob } from "./define-job.ts";
export type { JobContract, JobInput, JobOptions, JobPayload } from "./define-job.ts";
export { isQueueName, queueKeyPrefix, queueNames } from "./queue-names.ts";
export type { QueueName } from "./queue-names.ts";
export { allJobs } from "./all-jobs.ts";
export { jobSchedules } from "./job-schedules.ts";
export type { JobSchedule } from "./job-schedules.ts";

export { sendWelcomeEmail } from "./jobs/send-welcome-email.job.ts";
export { sendPasswordResetEmail } from "./jobs/send-password-reset-email.job.ts";
export { invalidateCacheTags } from "./jobs/invalidate-cache-tags.job.ts";
export { trimOutbox } from "./jobs/trim-outbox.job.ts";
export { trimRoomLog } from "./jobs/trim-room-log.job.ts";
export { trimSessions } from "./jobs/trim-sessions.job.ts";

export { enqueue } from "./outbox/enqueue.ts";
export type { EnqueueOptions } from "./outbox/enqueue.ts";
export { createOutboxDoorbell, listenToOutboxDoorbell } from "./outbox/outbox-doorbell.ts";
export type { OutboxDoorbell } from "./outbox/outbox-doorbell.ts";
export { createOutboxRelay } from "./outbox/outbox-relay.ts";
export type { OutboxRelay, OutboxRelayOptions } from "./outbox/outbox-relay.ts";

export { createJobQueues } from "./queue/job-queues.ts";
export type { JobQueues, TicketQueue } from "./queue/job-queues.ts";
export { bullJobId } from "./queue/job-ticket.ts";

export { defineHandler } from "./run/job-handler.ts";
export type { JobContext, JobEffect, JobHandler, JobHandlerEntry } from "./run/job-handler.ts";
export { JobTimeoutError, PermanentJobError, describeJobError } from "./run/job-errors.ts";
export { jobProgressChannel, jobProgressSchema, progressPublisher } from "./run/job-progress.ts";
export type { JobProgress, ProgressSink } from "./run/job-progress.ts";
export { RetryLater, runJob } from "./run/run-job.ts";
export type { JobOutcome, JobRunReport, RunJobDependencies } from "./run/run-job.ts";
export { runScheduleTick } from "./run/run-schedule-tick.ts";
export { createJobWorker, maxCrashes } from "./run/create-job-worker.ts";
export type { JobWorker, JobWorkerOptions } from "./run/create-job-worker.ts";
export type { JobLog } from "./job-log.ts";
