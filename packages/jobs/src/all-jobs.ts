import type { JobContract } from "./define-job.ts";
import { invalidateCacheTags } from "./jobs/invalidate-cache-tags.job.ts";
import { sendPasswordResetEmail } from "./jobs/send-password-reset-email.job.ts";
import { sendWelcomeEmail } from "./jobs/send-welcome-email.job.ts";
import { trimOutbox } from "./jobs/trim-outbox.job.ts";
import { trimRoomLog } from "./jobs/trim-room-log.job.ts";
import { trimSessions } from "./jobs/trim-sessions.job.ts";

/** Every job there is, on one page. A worker must have a handler for each. */
export const allJobs = [
  sendWelcomeEmail,
  sendPasswordResetEmail,
  invalidateCacheTags,
  trimSessions,
  trimOutbox,
  trimRoomLog,
] as const satisfies readonly JobContract[];
