import { router } from "../../trpc.ts";
import { edit } from "./edit.ts";
import { history } from "./history.ts";
import { markRead } from "./mark-read.ts";
import { onEvent } from "./on-event.ts";
import { pin } from "./pin.ts";
import { pins } from "./pins.ts";
import { react } from "./react.ts";
import { remove } from "./remove.ts";
import { report } from "./report.ts";
import { search } from "./search.ts";
import { send } from "./send.ts";
import { setTyping } from "./set-typing.ts";

export const chatRouter = router({
  history,
  search,
  send,
  edit,
  remove,
  react,
  pin,
  pins,
  report,
  setTyping,
  markRead,
  onEvent,
});
