import { memberProcedure } from "../../trpc.ts";
import { updatePost } from "../../use-cases/post/update-post.ts";
import { postUpdateInput, postUpdateOutput } from "./schemas.ts";

export const update = memberProcedure
  .meta({ limit: "write" })
  .input(postUpdateInput)
  .output(postUpdateOutput)
  .mutation(({ ctx, input }) => updatePost(ctx.request.deps, { ...input, actorId: ctx.member.userId }));
