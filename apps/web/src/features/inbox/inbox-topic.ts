import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { api, liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

/** Reading on moves the mark with every message; the list of rooms need not follow each. */
const ROOMS_AT_MOST_EVERY_MS = 2_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let isDue = false;

/** The first change shows at once, those that follow it together. */
function roomsHaveChanged(): void {
  if (timer !== undefined) {
    isDue = true;
    return;
  }
  void api.room.list.invalidate();
  timer = setTimeout(() => {
    timer = undefined;
    if (isDue) roomsHaveChanged();
    isDue = false;
  }, ROOMS_AT_MOST_EVERY_MS);
}

const topic = topicsByKey(
  () =>
    new LiveTopic<InboxOnEventFrame, InboxOnEventFrame>(
      (callbacks) => liveClient.inbox.onEvent.subscribe(undefined, callbacks),
      (before, frame) => {
        if (before !== null && frame.revision !== before.revision) roomsHaveChanged();
        if (before !== null && frame.newest?.id !== before.newest?.id) void api.inbox.list.invalidate();
        return frame;
      },
    ),
);

/** How the member's inbox stands, on whatever page. It also says when his rooms are worth another look. */
export const inboxTopic = () => topic("mine");
