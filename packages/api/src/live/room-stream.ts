import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { ApiTelemetry } from "../deps/telemetry.ts";
import type { ChatOnEventFrame } from "../routers/chat/schemas.ts";
import type { StreamScope } from "./live-stream.ts";
import { formatRoomCursor, type RoomCursor } from "./room-cursor.ts";
import { MOST_BEHIND, type RoomTopic } from "./room-topic.ts";
import type { TopicRegistry } from "./topic-registry.ts";
import { sleep, Wakeup } from "./wakeup.ts";

/** Frames of one stream are at least this far apart: bursts travel as batches. */
const BATCH_MS = 15;

interface RoomStreamInput {
  readonly telemetry: ApiTelemetry;
  readonly roomId: string;
  readonly userId: string;
  /** Where the client stands; null: only what comes from now on. */
  readonly cursor: RoomCursor | null;
}

/**
 * A room's events after the cursor, each once, in order and without a gap: first what was missed, then `ready`, then
 * live. `reset` where that is impossible (another epoch, a cursor from the future, more than 5 000 behind, a trimmed
 * log): the client reads its newest page, which is at least as new, and ignores events up to that page's `asOfSeq`.
 * Every frame carries the cursor to come back with.
 */
export async function* streamRoom(
  rooms: TopicRegistry<RoomTopic>,
  { roomId, userId, cursor, telemetry }: RoomStreamInput,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<ChatOnEventFrame>, void> {
  const { topic, release } = await rooms.hold(roomId);
  const wakeup = new Wakeup();
  const unfollow = topic.follow({ userId, wake: wakeup.ring, cut: scope.cut });
  try {
    if (cursor !== null && cursor.seq > topic.head) {
      // The page the client holds may be newer than the last doorbell.
      await topic.fill();
    }
    let epoch = topic.epoch;
    let position = topic.head;
    const frame = (data: ChatOnEventFrame) => tracked(formatRoomCursor({ epoch, seq: position }), data);
    const reset = () => {
      telemetry.roomEvents("reset", 1);
      epoch = topic.epoch;
      position = topic.head;
      return frame({ kind: "reset", head: position, epoch });
    };
    if (cursor !== null) {
      const isPossible =
        cursor.epoch === epoch && cursor.seq <= topic.head && topic.head - cursor.seq <= MOST_BEHIND;
      if (isPossible) {
        position = cursor.seq;
      } else {
        yield reset();
      }
    }
    let isReady = false;
    let typistsSeen = 0;
    let typistsShown = "";
    while (!scope.signal.aborted) {
      await scope.writable();
      const next = epoch === topic.epoch ? await topic.read(position) : { kind: "reset" as const };
      if (scope.signal.aborted) {
        return;
      }
      if (next.kind === "reset") {
        yield reset();
        continue;
      }
      const last = next.events.at(-1);
      if (last) {
        position = last.seq;
        if (!isReady) {
          telemetry.roomEvents("replayed", next.events.length);
        }
        yield frame({ kind: "batch", events: [...next.events] });
        await sleep(BATCH_MS, scope.signal);
      } else if (!isReady) {
        isReady = true;
        yield frame({ kind: "ready", head: position, epoch });
      } else if (typistsSeen !== topic.typists.version) {
        typistsSeen = topic.typists.version;
        const members = topic.typists.others(userId);
        const shown = members.map(({ id }) => id).join();
        if (shown !== typistsShown) {
          typistsShown = shown;
          yield frame({ kind: "typing", members });
        }
      } else {
        await wakeup.wait(scope.signal);
      }
    }
  } finally {
    unfollow();
    release();
  }
}
