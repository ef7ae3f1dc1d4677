import { memberProcedure } from "../../trpc.ts";
import { setPageState } from "../../use-cases/presence/set-page-state.ts";
import { presenceSetStateInput, presenceSetStateOutput } from "./schemas.ts";

export const setState = memberProcedure
  .meta({ limit: "presence-state" })
  .input(presenceSetStateInput)
  .output(presenceSetStateOutput)
  .mutation(({ ctx, input }) => {
    setPageState(ctx.request.deps, { ...input, userId: ctx.member.userId });
    return {};
  });
