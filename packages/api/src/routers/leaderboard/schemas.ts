import { z } from "zod";
import { userSchema } from "../user/schemas.ts";

export const boardNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "letters, digits and -");
export const periodSchema = z.enum(["day", "week", "season", "all"]);

export const boardSchema = z.object({
  name: z.string(),
  title: z.string(),
  order: z.enum(["asc", "desc"]),
  season: z
    .object({
      id: z.string(),
      number: z.number(),
      title: z.string(),
      startsAtMs: z.number(),
      endsAtMs: z.number(),
    })
    .nullable(),
});
export const leaderboardListOutput = z.object({ boards: z.array(boardSchema) });

export const leaderboardEntrySchema = z.object({ rank: z.number(), score: z.number(), user: userSchema });

const boardAndPeriod = { board: boardNameSchema, period: periodSchema };

export const leaderboardTopInput = z.strictObject({
  ...boardAndPeriod,
  limit: z.int().min(1).max(100).default(10),
});
export const leaderboardTopOutput = z.object({
  entries: z.array(leaderboardEntrySchema),
  version: z.number(),
  /** Members with a score on this board and period. */
  total: z.number(),
});

export const leaderboardMeInput = z.strictObject(boardAndPeriod);
/** A member without a score has `rank: null, score: 0`. */
export const leaderboardMeOutput = z.object({ rank: z.number().nullable(), score: z.number() });

export const leaderboardAroundInput = z.strictObject({
  ...boardAndPeriod,
  radius: z.int().min(1).max(25).default(3),
});
export const leaderboardAroundOutput = z.object({ entries: z.array(leaderboardEntrySchema) });

export const leaderboardSubmitInput = z.strictObject({
  board: boardNameSchema,
  points: z.int().min(1).max(100),
  /** Chosen by the caller: the same operation sent again counts once. */
  operationId: z.uuid(),
});
/** The all-time standing after these points. */
export const leaderboardSubmitOutput = z.object({
  score: z.number(),
  rank: z.number().nullable(),
  previousRank: z.number().nullable(),
});

export const leaderboardOnChangeInput = z.strictObject({
  ...boardAndPeriod,
  limit: z.int().min(1).max(100).default(10),
  lastEventId: z.string().max(128).nullish(),
});
/** Each frame replaces the one before; at most two a second. */
export const leaderboardOnChangeFrame = z.object({
  kind: z.literal("snapshot"),
  version: z.number(),
  entries: z.array(leaderboardEntrySchema),
  total: z.number(),
});

export type Board = z.infer<typeof boardSchema>;
export type Period = z.infer<typeof periodSchema>;
export type LeaderboardEntry = z.infer<typeof leaderboardEntrySchema>;
export type LeaderboardTop = z.infer<typeof leaderboardTopOutput>;
export type LeaderboardOnChangeFrame = z.infer<typeof leaderboardOnChangeFrame>;
