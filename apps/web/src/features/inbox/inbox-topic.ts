import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { api, liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

/** Reading on moves the mark with every message; the list of rooms need not follow each. */
const ROOMS_AT_MOST_EVERY_MS = 2_000;

let timer: ReturnType<typeof setTimeout> | undefined;

function roomsHaveChanged(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    void api.room.list.invalidate();
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
