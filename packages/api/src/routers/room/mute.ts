import { memberProcedure } from "../../trpc.ts";
import { muteMember } from "../../use-cases/moderation/sanction-member.ts";
import { roomMuteInput, roomMeasureOutput } from "./schemas.ts";

export const mute = memberProcedure
  .meta({ limit: "write" })
  .input(roomMuteInput)
  .output(roomMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await muteMember(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
