import type { Presence } from "@cardinal/redis-core/presence";
import type { PresenceOnChangeFrame } from "../routers/presence/schemas.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import type { PresencePages } from "./presence-pages.ts";
import type { PresenceTopic } from "./presence-topic.ts";
import { StateFeed } from "./state-feed.ts";
import type { TopicRegistry } from "./topic-registry.ts";

/** Diffs of one stream are at least this far apart: a crowd that comes in is one diff, not a thousand. */
const DIFF_EVERY_MS = 300;

interface PresenceFeedInput {
  readonly room: string;
  readonly userId: string;
  readonly connectionId: string;
  readonly page: string | undefined;
}

interface PresenceParts {
  readonly presence: Presence;
  readonly presencePages: PresencePages;
  readonly presenceRooms: TopicRegistry<PresenceTopic>;
}

/**
 * Being subscribed is being present: enters the room, then gives a snapshot and diffs, and leaves (with the grace)
 * when the stream ends, however it ends; who is put out (`isOut`) leaves without it. A resumed stream begins with a new
 * snapshot.
 */
export async function openPresenceFeed(
  { presence, presencePages, presenceRooms }: PresenceParts,
  { room, userId, connectionId, page }: PresenceFeedInput,
  sink: FrameSink<PresenceOnChangeFrame>,
  isOut: () => boolean = () => false,
): Promise<Feed> {
  const state = page === undefined ? undefined : presencePages.stateOf(userId, page);
  const connection = await presence.join(room, { userId, connectionId, ...(state === undefined ? {} : { state }) });
  const detach = page === undefined ? undefined : presencePages.attach(userId, page, connection);
  const leave = () => {
    detach?.();
    // It lapses by itself if Redis is away.
    connection.leave({ atOnce: isOut() }).catch(() => undefined);
  };
  const { topic, release } = await presenceRooms.hold(room).catch((error: unknown) => {
    leave();
    throw error;
  });
  let version: number | null = null;
  const feed = new StateFeed(sink, {
    everyMs: DIFF_EVERY_MS,
    async read() {
      const found = await topic.read(version);
      version = found?.version ?? version;
      return found === null ? null : { id: String(found.version), frame: found.frame };
    },
    release() {
      unfollow();
      release();
      leave();
    },
  });
  const unfollow = topic.follow(feed.wake);
  return feed;
}
