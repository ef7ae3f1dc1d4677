import { memberProcedure } from "../../trpc.ts";
import { pinMessage } from "../../use-cases/chat/pin-message.ts";
import { chatPinInput, chatChangeOutput } from "./schemas.ts";

export const pin = memberProcedure
  .meta({ limit: "write" })
  .input(chatPinInput)
  .output(chatChangeOutput)
  .mutation(async ({ ctx, input }) => ({
    message: await pinMessage(ctx.request.deps, { ...input, actorId: ctx.member.userId }),
  }));
