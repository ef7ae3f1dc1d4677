import { memberProcedure } from "../../trpc.ts";
import { setRoomRole } from "../../use-cases/room/change-room.ts";
import { roomSetRoleInput, roomChangeOutput } from "./schemas.ts";

export const setRole = memberProcedure
  .meta({ limit: "write" })
  .input(roomSetRoleInput)
  .output(roomChangeOutput)
  .mutation(({ ctx, input }) => setRoomRole(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
