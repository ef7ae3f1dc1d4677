import { z } from "zod";
import { defineJob } from "../define-job.ts";

/** Deletes done jobs, their effects and local mails older than the retention; dead jobs are kept three times as long. */
export const trimOutbox = defineJob({
  name: "trim-outbox",
  queue: "maintenance",
  version: 1,
  payload: z.strictObject({ keepDays: z.int().min(1).max(3_650).default(30) }),
  options: { attempts: 3, timeoutMs: 60_000 },
});
