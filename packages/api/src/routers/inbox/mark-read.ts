import { memberProcedure } from "../../trpc.ts";
import { markInboxRead } from "../../use-cases/inbox/mark-inbox-read.ts";
import { inboxMarkReadInput, inboxMarkReadOutput } from "./schemas.ts";

export const markRead = memberProcedure
  .meta({ limit: "write" })
  .input(inboxMarkReadInput)
  .output(inboxMarkReadOutput)
  .mutation(async ({ ctx, input }) => ({
    unread: await markInboxRead(ctx.request.deps, { ...input, userId: ctx.member.userId }),
  }));
