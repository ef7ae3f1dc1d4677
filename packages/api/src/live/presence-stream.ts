import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { Presence } from "@cardinal/redis-core/presence";
import type { PresenceOnChangeFrame } from "../routers/presence/schemas.ts";
import type { StreamScope } from "./live-stream.ts";
import type { PresencePages } from "./presence-pages.ts";
import type { PresenceTopic } from "./presence-topic.ts";
import type { TopicRegistry } from "./topic-registry.ts";
import { sleep, Wakeup } from "./wakeup.ts";

/** Diffs of one stream are at least this far apart: a crowd that comes in is one diff, not a thousand. */
const DIFF_EVERY_MS = 300;

interface PresenceStreamInput {
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
 * Being subscribed is being present: enters the room, then yields a snapshot and diffs, and leaves (with the grace)
 * when the stream ends, however it ends. A resumed stream begins with a new snapshot.
 */
export async function* streamPresence(
  { presence, presencePages, presenceRooms }: PresenceParts,
  { room, userId, connectionId, page }: PresenceStreamInput,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<PresenceOnChangeFrame>, void> {
  const connection = await presence.join(room, { userId, connectionId });
  const detach = page === undefined ? undefined : presencePages.attach(userId, page, connection);
  try {
    const { topic, release } = await presenceRooms.hold(room);
    const wakeup = new Wakeup();
    const unfollow = topic.follow(wakeup.ring);
    try {
      let version: number | null = null;
      while (!scope.signal.aborted) {
        await scope.writable();
        const next = await topic.read(version);
        if (next === null) {
          await wakeup.wait(scope.signal);
          continue;
        }
        version = next.version;
        yield tracked(String(version), next.frame);
        await sleep(DIFF_EVERY_MS, scope.signal);
      }
    } finally {
      unfollow();
      release();
    }
  } finally {
    detach?.();
    await connection.leave();
  }
}
