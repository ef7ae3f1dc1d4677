import { memberProcedure } from "../../trpc.ts";
import { listRooms } from "../../use-cases/room/list-rooms.ts";
import { roomListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .output(roomListOutput)
  .query(async ({ ctx }) => ({ rooms: await listRooms(ctx.request.deps, ctx.member.userId) }));
