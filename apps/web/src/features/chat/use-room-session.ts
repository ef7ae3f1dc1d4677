import { useEffect } from "react";
import { useStore } from "../../lib/store.ts";
import { roomSession } from "./room-session.ts";

/** Follows a room while the component is there. */
export function useRoomSession(roomId: string) {
  const session = roomSession(roomId);
  const state = useStore(session.feed.store);
  const outgoing = useStore(session.outbox.store);
  useEffect(() => {
    session.feed.start();
    return () => session.feed.stop();
  }, [session]);
  return { session, state, outgoing };
}
