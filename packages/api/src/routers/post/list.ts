import { publicProcedure } from "../../trpc.ts";
import { listPosts } from "../../use-cases/post/list-posts.ts";
import { postListInput, postListOutput } from "./schemas.ts";

export const list = publicProcedure
  .meta({ limit: "read" })
  .input(postListInput)
  .output(postListOutput)
  .query(({ ctx, input }) => listPosts(ctx.request.deps, input));
