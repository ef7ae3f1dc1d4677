import { memberProcedure } from "../../trpc.ts";
import { getHistory } from "../../use-cases/chat/get-history.ts";
import { chatHistoryInput, chatHistoryOutput } from "./schemas.ts";

export const history = memberProcedure
  .meta({ limit: "read" })
  .input(chatHistoryInput)
  .output(chatHistoryOutput)
  .query(({ ctx, input }) => getHistory(ctx.request.deps, { ...input, userId: ctx.member.userId }));
