import { memberProcedure } from "../../trpc.ts";
import { getRoom } from "../../use-cases/room/get-room.ts";
import { roomGetInput, roomGetOutput } from "./schemas.ts";

export const get = memberProcedure
  .meta({ limit: "read" })
  .input(roomGetInput)
  .output(roomGetOutput)
  .query(({ ctx, input }) => getRoom(ctx.request.deps, { ...input, userId: ctx.member.userId }));
