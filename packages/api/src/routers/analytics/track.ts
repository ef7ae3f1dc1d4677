import { headerOf } from "../../context/request-source.ts";
import { publicProcedure } from "../../trpc.ts";
import { trackView } from "../../use-cases/analytics/track-view.ts";
import { analyticsTrackInput, analyticsTrackOutput } from "./schemas.ts";

export const track = publicProcedure
  .meta({ limit: "track-view" })
  .input(analyticsTrackInput)
  .output(analyticsTrackOutput)
  .mutation(async ({ ctx, input }) => {
    const { deps, source, address } = ctx.request;
    const identity = await ctx.request.identity();
    const outcome = await trackView(deps, {
      ...input,
      memberId: identity.kind === "member" ? identity.userId : null,
      address,
      userAgent: headerOf(source, "user-agent") ?? "",
      header: (name) => headerOf(source, name),
    });
    return { outcome };
  });
