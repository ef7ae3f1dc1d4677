import { z } from "zod";

export const jobIdSchema = z.uuid();
export const jobStateSchema = z.enum(["pending", "queued", "done", "dead"]);

export const jobSchema = z.object({
  id: z.string(),
  name: z.string(),
  queue: z.string(),
  /** pending → queued → done, or dead once every attempt failed. */
  state: jobStateSchema,
  attempts: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  runAtMs: z.number(),
  lastError: z.string().nullable(),
  /** 0 to 1, null where the job reports none. */
  progress: z.number().nullable(),
});

export const jobListInput = z
  .strictObject({
    state: jobStateSchema.optional(),
    limit: z.int().min(1).max(100).default(50),
  })
  .prefault({});
/** Newest first. */
export const jobListOutput = z.object({ jobs: z.array(jobSchema) });

export const jobOnProgressInput = z.strictObject({
  jobId: jobIdSchema,
  lastEventId: z.string().max(128).nullish(),
});
export const jobOnProgressFrame = z.object({
  jobId: z.string(),
  state: jobStateSchema,
  progress: z.number().nullable(),
  message: z.string().nullable(),
});

export type Job = z.infer<typeof jobSchema>;
export type JobState = z.infer<typeof jobStateSchema>;
export type JobOnProgressFrame = z.infer<typeof jobOnProgressFrame>;
