import { memberProcedure } from "../../trpc.ts";
import { sendMessage } from "../../use-cases/chat/send-message.ts";
import { chatSendInput, chatSendOutput } from "./schemas.ts";

export const send = memberProcedure
  .meta({ limit: "send-message" })
  .input(chatSendInput)
  .output(chatSendOutput)
  .mutation(({ ctx, input }) =>
    sendMessage(ctx.request.deps, { ...input, authorId: ctx.member.userId, writtenBy: input.authorId }),
  );
