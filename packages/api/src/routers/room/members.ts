import { memberProcedure } from "../../trpc.ts";
import { listRoomMembers } from "../../use-cases/room/list-room-members.ts";
import { roomMembersInput, roomMembersOutput } from "./schemas.ts";

export const members = memberProcedure
  .meta({ limit: "read" })
  .input(roomMembersInput)
  .output(roomMembersOutput)
  .query(({ ctx, input }) => listRoomMembers(ctx.request.deps, { ...input, userId: ctx.member.userId }));
