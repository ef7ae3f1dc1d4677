import { memberProcedure } from "../../trpc.ts";
import { banMember } from "../../use-cases/moderation/sanction-member.ts";
import { roomBanInput, roomMeasureOutput } from "./schemas.ts";

export const ban = memberProcedure
  .meta({ limit: "write" })
  .input(roomBanInput)
  .output(roomMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await banMember(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
