import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { api, liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

/** Reading on moves the mark with every message; the rooms need not follow each. */
const ROOMS_AT_MOST_EVERY_MS = 2_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let askedAtMs = Number.NEGATIVE_INFINITY;

/** Asks for the rooms again: at once, since the member may have been muted or put out, but not all the time. */
function roomsHaveChanged(): void {
  const waitMs = Math.max(0, askedAtMs + ROOMS_AT_MOST_EVERY_MS - performance.now());
  timer ??= setTimeout(() => {
    timer = undefined;
    askedAtMs = performance.now();
    void api.room.list.invalidate();
    void api.room.get.invalidate();
  }, waitMs);
}

const topic = topicsByKey(
  () =>
    new LiveTopic<InboxOnEventFrame, InboxOnEventFrame>(
      (callbacks) => liveClient.inbox.onEvent.subscribe(undefined, callbacks),
      (before, frame) => {
        if (before !== null && frame.revision !== before.revision) roomsHaveChanged();
        if (before !== null && frame.reports !== before.reports) void api.moderation.list.invalidate();
        if (before !== null && frame.newest?.id !== before.newest?.id) void api.inbox.list.invalidate();
        return frame;
      },
    ),
);

/** How the member's inbox stands, on whatever page. It also says when his rooms are worth another look. */
export const inboxTopic = () => topic("mine");
