import { memberProcedure } from "../../trpc.ts";
import { createRoom } from "../../use-cases/room/create-room.ts";
import { roomCreateInput, roomCreateOutput } from "./schemas.ts";

export const create = memberProcedure
  .meta({ limit: "create-room" })
  .input(roomCreateInput)
  .output(roomCreateOutput)
  .mutation(({ ctx, input }) => createRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
