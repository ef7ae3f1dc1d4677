import { publicProcedure } from "../../trpc.ts";
import { findMe } from "../../use-cases/auth/find-me.ts";
import { authMeOutput } from "./schemas.ts";

export const me = publicProcedure
  .meta({ limit: "session" })
  .output(authMeOutput)
  .query(async ({ ctx }) => {
    const identity = await ctx.request.identity();
    if (identity.kind !== "member") {
      return null;
    }
    const user = await findMe(ctx.request.deps, identity.userId);
    const { id, expiresAtMs } = identity.session;
    return user === null ? null : { user, session: { id, expiresAtMs } };
  });
