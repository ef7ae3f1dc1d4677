import { router } from "../../trpc.ts";
import { audit } from "./audit.ts";
import { list } from "./list.ts";
import { resolve } from "./resolve.ts";

export const moderationRouter = router({ list, resolve, audit });
