import { memberProcedure } from "../../trpc.ts";
import { leaveRoom } from "../../use-cases/room/leave-room.ts";
import { roomLeaveInput, roomLeaveOutput } from "./schemas.ts";

export const leave = memberProcedure
  .meta({ limit: "write" })
  .input(roomLeaveInput)
  .output(roomLeaveOutput)
  .mutation(({ ctx, input }) => leaveRoom(ctx.request.deps, { ...input, userId: ctx.member.userId }));
