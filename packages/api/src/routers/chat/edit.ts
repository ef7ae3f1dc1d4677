import { memberProcedure } from "../../trpc.ts";
import { editMessage } from "../../use-cases/chat/edit-message.ts";
import { chatChangeOutput, chatEditInput } from "./schemas.ts";

export const edit = memberProcedure
  .meta({ limit: "write" })
  .input(chatEditInput)
  .output(chatChangeOutput)
  .mutation(async ({ ctx, input }) => ({
    message: await editMessage(ctx.request.deps, { ...input, actorId: ctx.member.userId }),
  }));
