import { memberProcedure } from "../../trpc.ts";
import { listInbox } from "../../use-cases/inbox/list-inbox.ts";
import { inboxListInput, inboxListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .input(inboxListInput)
  .output(inboxListOutput)
  .query(({ ctx, input }) => listInbox(ctx.request.deps, { ...input, userId: ctx.member.userId }));
