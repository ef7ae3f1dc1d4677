import { publicProcedure } from "../../trpc.ts";
import { authSignOutInput, authSignOutOutput } from "./schemas.ts";
import { endSession } from "./session-response.ts";

export const signOut = publicProcedure
  .meta({ limit: "session" })
  .input(authSignOutInput)
  .output(authSignOutOutput)
  .mutation(async ({ ctx }) => {
    await endSession(ctx.request);
    return { ok: true };
  });
