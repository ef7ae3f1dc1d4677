import { memberProcedure } from "../../trpc.ts";
import { archiveRoom } from "../../use-cases/room/archive-room.ts";
import { roomArchiveInput, roomChangeOutput } from "./schemas.ts";

export const archive = memberProcedure
  .meta({ limit: "write" })
  .input(roomArchiveInput)
  .output(roomChangeOutput)
  .mutation(({ ctx, input }) => archiveRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
