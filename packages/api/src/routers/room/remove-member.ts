import { memberProcedure } from "../../trpc.ts";
import { removeFromRoom } from "../../use-cases/room/change-room.ts";
import { roomRemoveMemberInput, roomChangeOutput } from "./schemas.ts";

export const removeMember = memberProcedure
  .meta({ limit: "write" })
  .input(roomRemoveMemberInput)
  .output(roomChangeOutput)
  .mutation(({ ctx, input }) => removeFromRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
