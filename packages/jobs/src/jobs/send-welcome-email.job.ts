import { z } from "zod";
import { defineJob } from "../define-job.ts";

/** Greets a new member. The address is read when the mail is sent, so no personal data waits in a queue. */
export const sendWelcomeEmail = defineJob({
  name: "send-welcome-email",
  queue: "email",
  version: 1,
  payload: z.strictObject({ userId: z.string().min(1).max(64) }),
  options: { attempts: 8, backoff: { minMs: 2_000, maxMs: 30 * 60_000 } },
});
