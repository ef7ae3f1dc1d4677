import { z } from "zod";
import { defineJob } from "../define-job.ts";

/** Deletes session records and one-time tokens whose life is over. */
export const trimSessions = defineJob({
  name: "trim-sessions",
  queue: "maintenance",
  version: 1,
  payload: z.strictObject({}),
  options: { attempts: 3, timeoutMs: 60_000 },
});
