import type { InboxOnEventFrame } from "@cardinal/api/schemas";
import { api, liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

/** Calls at once, but not again within a while: what comes meanwhile is one call at its end. */
function atMostEvery(pauseMs: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let calledAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        calledAtMs = performance.now();
        call();
      },
      Math.max(0, calledAtMs + pauseMs - performance.now()),
    );
  };
}

// Reading on moves the mark with every message; the list need not follow each. The open room tells of mutes and the door.
const lookAtRooms = atMostEvery(2_000, () => void api.room.list.invalidate());
const lookAtRoom = atMostEvery(500, () => void api.room.get.invalidate());

const topic = topicsByKey(
  () =>
    new LiveTopic<InboxOnEventFrame, InboxOnEventFrame>(
      (callbacks) => liveClient.inbox.onEvent.subscribe(undefined, callbacks),
      (before, frame) => {
        if (before !== null && frame.revision !== before.revision) {
          lookAtRooms();
          lookAtRoom();
        }
        if (before !== null && frame.reports !== before.reports) void api.moderation.list.invalidate();
        if (before !== null && frame.newest?.id !== before.newest?.id) void api.inbox.list.invalidate();
        return frame;
      },
    ),
);

/** How the member's inbox stands, on whatever page. It also says when his rooms are worth another look. */
export const inboxTopic = () => topic("mine");
