import { memberProcedure } from "../../trpc.ts";
import { searchMessages } from "../../use-cases/chat/search-messages.ts";
import { chatSearchInput, chatSearchOutput } from "./schemas.ts";

export const search = memberProcedure
  .meta({ limit: "search-messages" })
  .input(chatSearchInput)
  .output(chatSearchOutput)
  .query(({ ctx, input }) => searchMessages(ctx.request.deps, { ...input, userId: ctx.member.userId }));
