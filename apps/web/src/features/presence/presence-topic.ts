import type { PresenceOnChangeFrame } from "@cardinal/api/schemas";
import { liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";
import { pageId } from "../../lib/page-activity.ts";
import { applyPresence } from "./apply-presence.ts";
import type { PresenceState } from "./apply-presence.ts";

/** Who is in a room, or on the whole `site`. Reading it is being there. */
export const presenceTopic = topicsByKey(
  (room) =>
    new LiveTopic<PresenceState, PresenceOnChangeFrame>(
      (callbacks) => liveClient.presence.onChange.subscribe({ room, page: pageId }, callbacks),
      applyPresence,
    ),
);
