import { memberProcedure } from "../../trpc.ts";
import { openDirect as openDirectRoom } from "../../use-cases/room/open-direct.ts";
import { roomOpenDirectInput, roomOpenDirectOutput } from "./schemas.ts";

export const openDirect = memberProcedure
  .meta({ limit: "write" })
  .input(roomOpenDirectInput)
  .output(roomOpenDirectOutput)
  .mutation(({ ctx, input }) => openDirectRoom(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
