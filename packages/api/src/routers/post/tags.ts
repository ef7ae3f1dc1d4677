import { publicProcedure } from "../../trpc.ts";
import { listTags } from "../../use-cases/post/list-tags.ts";
import { postTagsOutput } from "./schemas.ts";

export const tags = publicProcedure
  .meta({ limit: "read" })
  .output(postTagsOutput)
  .query(({ ctx }) => listTags(ctx.request.deps));
