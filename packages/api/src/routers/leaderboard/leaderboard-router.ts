import { router } from "../../trpc.ts";
import { around } from "./around.ts";
import { list } from "./list.ts";
import { me } from "./me.ts";
import { onChange } from "./on-change.ts";
import { submit } from "./submit.ts";
import { top } from "./top.ts";

export const leaderboardRouter = router({ list, top, me, around, submit, onChange });
