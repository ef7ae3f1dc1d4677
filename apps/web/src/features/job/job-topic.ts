import type { JobOnProgressFrame } from "@cardinal/api/schemas";
import { liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

/** How far one job is. */
export const jobTopic = topicsByKey(
  (jobId) =>
    new LiveTopic<JobOnProgressFrame, JobOnProgressFrame>(
      (callbacks) => liveClient.job.onProgress.subscribe({ jobId }, callbacks),
      (_before, frame) => frame,
    ),
);
