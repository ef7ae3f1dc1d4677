import { router } from "../../trpc.ts";
import { list } from "./list.ts";
import { markRead } from "./mark-read.ts";
import { onEvent } from "./on-event.ts";

export const inboxRouter = router({ list, markRead, onEvent });
