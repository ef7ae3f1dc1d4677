import { router } from "../../trpc.ts";
import { history } from "./history.ts";
import { markRead } from "./mark-read.ts";
import { onEvent } from "./on-event.ts";
import { send } from "./send.ts";

export const chatRouter = router({ history, send, markRead, onEvent });
