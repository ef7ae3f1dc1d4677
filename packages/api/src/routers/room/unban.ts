import { memberProcedure } from "../../trpc.ts";
import { unbanMember } from "../../use-cases/moderation/sanction-member.ts";
import { roomUnbanInput, roomMeasureOutput } from "./schemas.ts";

export const unban = memberProcedure
  .meta({ limit: "write" })
  .input(roomUnbanInput)
  .output(roomMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await unbanMember(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
