import { memberProcedure } from "../../trpc.ts";
import { listPins } from "../../use-cases/chat/list-pins.ts";
import { chatPinsInput, chatPinsOutput } from "./schemas.ts";

export const pins = memberProcedure
  .meta({ limit: "read" })
  .input(chatPinsInput)
  .output(chatPinsOutput)
  .query(async ({ ctx, input }) => ({
    messages: await listPins(ctx.request.deps, { ...input, userId: ctx.member.userId }),
  }));
