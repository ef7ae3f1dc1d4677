import type { Channel, RedisCore } from "@cardinal/redis-core";
import { z } from "zod";

/** One message of the channel `job-progress:<outbox id>`, published at the start, on progress and at the end. */
export const jobProgressSchema = z.object({
  jobId: z.string(),
  state: z.enum(["pending", "queued", "done", "dead"]),
  /** 0 to 1, null where the job reports none. */
  progress: z.number().min(0).max(1).nullable(),
  message: z.string().max(500).nullable(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** Takes a job's progress somewhere. May fail; progress is a courtesy and never fails a job. */
export type ProgressSink = (progress: JobProgress) => Promise<void>;

/**
 * Sends progress in order with one message under way at a time; what is reported meanwhile replaces what waits, so a
 * job that reports a thousand times a second costs no more than Redis can take. `flush` resolves when all is sent.
 */
export function conflateProgress(sink: ProgressSink): { report(progress: JobProgress): void; flush(): Promise<void> } {
  let waiting: JobProgress | null = null;
  let sending: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting !== null) {
      const next: JobProgress = waiting;
      waiting = null;
      await sink(next).catch(() => undefined);
    }
    sending = null;
  }

  return {
    report(progress) {
      waiting = progress;
      sending ??= drain();
    },
    async flush() {
      await sending;
    },
  };
}

/** The live channel of one job's progress. At most once: who joins late reads the row, then listens. */
export function jobProgressChannel(core: Pick<RedisCore, "channel">, jobId: string): Channel<JobProgress> {
  return core.channel(`job-progress:${jobId}`, { schema: jobProgressSchema });
}

/** A sink that publishes on the job's channel. */
export function progressPublisher(core: Pick<RedisCore, "channel">): ProgressSink {
  return async (progress) => {
    await jobProgressChannel(core, progress.jobId).publish(progress);
  };
}
