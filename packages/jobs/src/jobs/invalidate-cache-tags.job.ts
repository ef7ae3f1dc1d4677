import { z } from "zod";
import { defineJob } from "../define-job.ts";

/**
 * Invalidates cache tags for a change that has committed. The use-case invalidates at once as well; this row, written
 * in the same transaction, covers a crash between the commit and that call.
 */
export const invalidateCacheTags = defineJob({
  name: "invalidate-cache-tags",
  queue: "maintenance",
  version: 1,
  payload: z.strictObject({
    namespace: z.string().min(1).max(64),
    tags: z.array(z.string().min(1).max(256)).min(1).max(128),
  }),
  options: { attempts: 10, backoff: { minMs: 500, maxMs: 60_000 }, timeoutMs: 10_000 },
});
