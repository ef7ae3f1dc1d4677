import { router } from "../../trpc.ts";
import { get } from "./get.ts";
import { join } from "./join.ts";
import { leave } from "./leave.ts";
import { list } from "./list.ts";

export const roomRouter = router({ list, get, join, leave });
