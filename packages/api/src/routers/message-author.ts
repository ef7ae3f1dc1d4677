import { z } from "zod";

/** As much of a member as stands beside what he wrote. */
export const messageAuthorSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  avatarHue: z.number(),
});
