import { memberProcedure } from "../../trpc.ts";
import { setTyping as tellTyping } from "../../use-cases/chat/set-typing.ts";
import { chatSetTypingInput, chatSetTypingOutput } from "./schemas.ts";

export const setTyping = memberProcedure
  .meta({ limit: "typing" })
  .input(chatSetTypingInput)
  .output(chatSetTypingOutput)
  .mutation(async ({ ctx, input }) => {
    await tellTyping(ctx.request.deps, { ...input, userId: ctx.member.userId });
    return {};
  });
