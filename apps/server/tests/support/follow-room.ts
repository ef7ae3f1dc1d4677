import type { ChatOnEventFrame, RoomEvent } from "@cardinal/api/schemas";
import { collect, type Collected, type LiveClient } from "./live-client.ts";

export interface FollowedRoom extends Collected<ChatOnEventFrame> {
  events(): RoomEvent[];
  seqs(): number[];
}

/** Follows a room's log; resolves when the stream is ready, or refused. */
export async function followRoom(
  client: LiveClient,
  input: { roomId: string; cursor?: string | null },
): Promise<FollowedRoom> {
  const ready = Promise.withResolvers<void>();
  const collected = collect<ChatOnEventFrame>((handlers) =>
    client.api.chat.onEvent.subscribe(input, {
      ...handlers,
      onData: (envelope) => {
        handlers.onData(envelope);
        if (envelope.data.kind === "ready") {
          ready.resolve();
        }
      },
      onError: (error) => {
        handlers.onError(error);
        ready.resolve();
      },
    }),
  );
  await ready.promise;
  const events = () => collected.frames.flatMap((frame) => (frame.kind === "batch" ? frame.events : []));
  return { ...collected, events, seqs: () => events().map(({ seq }) => seq) };
}
