import { memberProcedure } from "../../trpc.ts";
import { removeMessage } from "../../use-cases/chat/remove-message.ts";
import { chatChangeOutput, chatRemoveInput } from "./schemas.ts";

export const remove = memberProcedure
  .meta({ limit: "write" })
  .input(chatRemoveInput)
  .output(chatChangeOutput)
  .mutation(async ({ ctx, input }) => ({
    message: await removeMessage(ctx.request.deps, { ...input, actorId: ctx.member.userId }),
  }));
