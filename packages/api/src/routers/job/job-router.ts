import { router } from "../../trpc.ts";
import { list } from "./list.ts";
import { onProgress } from "./on-progress.ts";

export const jobRouter = router({ list, onProgress });
