import { memberProcedure } from "../../trpc.ts";
import { listBans } from "../../use-cases/moderation/sanction-member.ts";
import { roomBansInput, roomBansOutput } from "./schemas.ts";

export const bans = memberProcedure
  .meta({ limit: "read" })
  .input(roomBansInput)
  .output(roomBansOutput)
  .query(({ ctx, input }) => listBans(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
