import { memberProcedure } from "../../trpc.ts";
import { updateRoom } from "../../use-cases/room/change-room.ts";
import { roomUpdateInput, roomUpdateOutput } from "./schemas.ts";

export const update = memberProcedure
  .meta({ limit: "write" })
  .input(roomUpdateInput)
  .output(roomUpdateOutput)
  .mutation(({ ctx, input }) => updateRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
