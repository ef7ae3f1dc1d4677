import { useEffect, useMemo, useRef } from "react";
import { useStore } from "../../lib/store.ts";
import { placeOfLink, useJumps } from "./jump-to.ts";
import type { LinkedMessage } from "./jump-to.ts";
import { memberOutbox } from "./outbox/member-outbox.ts";
import { stillToShow } from "./outbox/outgoing.ts";
import { roomSession } from "./room-session.ts";

/** Follows a room while the component is there, from the message a link led to, if one did. */
export function useRoomSession(roomId: string, linked: LinkedMessage | null) {
  const session = roomSession(roomId);
  const state = useStore(session.feed.store);
  const kept = useStore(memberOutbox().outbox.messages);
  const shown = state.log?.messages;
  const outgoing = useMemo(() => stillToShow(kept, roomId, shown ?? []), [kept, roomId, shown]);
  const first = useRef(linked);
  useEffect(() => {
    session.feed.start(first.current ? placeOfLink(first.current) : undefined);
    return () => session.feed.stop();
  }, [session]);
  useJumps(session.feed, linked);
  return { session, state, outgoing };
}
