import { memberProcedure } from "../../trpc.ts";
import { listRooms } from "../../use-cases/room/list-rooms.ts";
import { roomListInput, roomListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .input(roomListInput.optional())
  .output(roomListOutput)
  .query(async ({ ctx, input }) => ({ rooms: await listRooms(ctx.request.deps, ctx.member.userId, input) }));
