import { router } from "../../trpc.ts";
import { find } from "./find.ts";
import { search } from "./search.ts";
import { suspend } from "./suspend.ts";
import { unsuspend } from "./unsuspend.ts";
import { update } from "./update.ts";

export const userRouter = router({ find, search, update, suspend, unsuspend });
