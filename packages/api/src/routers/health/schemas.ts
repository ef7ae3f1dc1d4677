import { z } from "zod";

export const healthGetOutput = z.object({
  status: z.enum(["ok", "degraded"]),
  redis: z.boolean(),
  database: z.boolean(),
  version: z.string(),
  uptimeMs: z.number(),
});

export type Health = z.infer<typeof healthGetOutput>;
