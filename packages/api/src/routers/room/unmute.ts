import { memberProcedure } from "../../trpc.ts";
import { unmuteMember } from "../../use-cases/moderation/sanction-member.ts";
import { roomUnmuteInput, roomMeasureOutput } from "./schemas.ts";

export const unmute = memberProcedure
  .meta({ limit: "write" })
  .input(roomUnmuteInput)
  .output(roomMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await unmuteMember(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
