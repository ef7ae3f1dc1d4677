import { memberProcedure } from "../../trpc.ts";
import { markRead as markReadUpTo } from "../../use-cases/chat/mark-read.ts";
import { chatMarkReadInput, chatMarkReadOutput } from "./schemas.ts";

export const markRead = memberProcedure
  .meta({ limit: "mark-read" })
  .input(chatMarkReadInput)
  .output(chatMarkReadOutput)
  .mutation(async ({ ctx, input }) => ({
    lastReadNumber: await markReadUpTo(ctx.request.deps, { ...input, userId: ctx.member.userId }),
  }));
