import { memberProcedure } from "../../trpc.ts";
import { listPresence } from "../../use-cases/presence/list-presence.ts";
import { presenceListInput, presenceListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .input(presenceListInput)
  .output(presenceListOutput)
  .query(({ ctx, input }) => listPresence(ctx.request.deps, { ...input, userId: ctx.member.userId }));
