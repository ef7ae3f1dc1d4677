import { z } from "zod";
import { defineJob } from "../define-job.ts";

/**
 * Sends a link that sets a new password. The handler makes the one-time token itself, when it sends: the secret
 * exists in the mail only, never in a payload, and its lifetime does not run while the job waits.
 */
export const sendPasswordResetEmail = defineJob({
  name: "send-password-reset-email",
  queue: "email",
  version: 1,
  payload: z.strictObject({ userId: z.string().min(1).max(64) }),
  options: { attempts: 4, backoff: { minMs: 1_000, maxMs: 60_000 } },
});
