import { memberProcedure } from "../../trpc.ts";
import { joinRoom } from "../../use-cases/room/join-room.ts";
import { roomJoinInput, roomJoinOutput } from "./schemas.ts";

export const join = memberProcedure
  .meta({ limit: "write" })
  .input(roomJoinInput)
  .output(roomJoinOutput)
  .mutation(({ ctx, input }) => joinRoom(ctx.request.deps, { ...input, userId: ctx.member.userId }));
