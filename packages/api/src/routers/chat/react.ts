import { memberProcedure } from "../../trpc.ts";
import { reactToMessage } from "../../use-cases/chat/react-to-message.ts";
import { chatChangeOutput, chatReactInput } from "./schemas.ts";

export const react = memberProcedure
  .meta({ limit: "react" })
  .input(chatReactInput)
  .output(chatChangeOutput)
  .mutation(async ({ ctx, input }) => ({
    message: await reactToMessage(ctx.request.deps, { ...input, actorId: ctx.member.userId }),
  }));
