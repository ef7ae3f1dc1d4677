import { router } from "../../trpc.ts";
import { bySlug } from "./by-slug.ts";
import { list } from "./list.ts";
import { tags } from "./tags.ts";
import { update } from "./update.ts";

export const postRouter = router({ list, bySlug, update, tags });
