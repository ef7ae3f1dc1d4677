import { memberProcedure } from "../../trpc.ts";
import { inviteToRoom } from "../../use-cases/room/change-room.ts";
import { roomInviteInput, roomChangeOutput } from "./schemas.ts";

export const invite = memberProcedure
  .meta({ limit: "write" })
  .input(roomInviteInput)
  .output(roomChangeOutput)
  .mutation(({ ctx, input }) => inviteToRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
