import { publicProcedure } from "../../trpc.ts";
import { getPost } from "../../use-cases/post/get-post.ts";
import { postBySlugInput, postBySlugOutput } from "./schemas.ts";

export const bySlug = publicProcedure
  .meta({ limit: "read" })
  .input(postBySlugInput)
  .output(postBySlugOutput)
  .query(({ ctx, input }) => getPost(ctx.request.deps, input.slug));
