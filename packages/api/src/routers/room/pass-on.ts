import { memberProcedure } from "../../trpc.ts";
import { passOnRoom } from "../../use-cases/room/pass-on-room.ts";
import { roomPassOnInput, roomChangeOutput } from "./schemas.ts";

export const passOn = memberProcedure
  .meta({ limit: "write" })
  .input(roomPassOnInput)
  .output(roomChangeOutput)
  .mutation(({ ctx, input }) => passOnRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
