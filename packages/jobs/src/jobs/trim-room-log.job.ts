import { z } from "zod";
import { defineJob } from "../define-job.ts";

/**
 * Takes old events out of the rooms' logs: those older than `keepDays`, and those before a room's last `keepEvents`. A
 * client that was away for longer fetches its page anew. The messages themselves stay.
 */
export const trimRoomLog = defineJob({
  name: "trim-room-log",
  queue: "maintenance",
  version: 1,
  payload: z.strictObject({
    keepDays: z.int().min(1).max(3_650).default(30),
    keepEvents: z.int().min(1).default(50_000),
  }),
  options: { attempts: 3, timeoutMs: 10 * 60_000 },
});
