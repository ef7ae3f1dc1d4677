import { useEffect, useRef } from "react";
import { onSessionEnd } from "../../lib/session-state.ts";
import { Store, useStore } from "../../lib/store.ts";
import type { MessagePlace, RoomFeed } from "./room-feed.ts";

/** What is asked for; another object for each time. */
const asked = new Store<{ readonly place: MessagePlace } | null>(null);
onSessionEnd(() => asked.set(null));

/**
 * Shows a message of the room that is open, wherever in its history it is: scrolls there, marks it and gives it the focus.
 * One that was removed, or is of another room, is said to be gone. For other rooms there are links: `?message=<id>`.
 */
export function jumpTo(messageId: string): void {
  asked.set({ place: { messageId } });
}

/** A link to a message: its id, or its number in the room. `key` is another for each time it is followed. */
export interface LinkedMessage {
  readonly message: string;
  readonly key: string;
}

export function placeOfLink({ message }: LinkedMessage): MessagePlace {
  return /^\d+$/.test(message) ? { number: Number(message) } : { messageId: message };
}

/** Lets a room follow `jumpTo`, and the links that are followed while it is open. */
export function useJumps(feed: RoomFeed, linked: LinkedMessage | null): void {
  const request = useStore(asked);
  const seen = useRef(request);
  useEffect(() => {
    if (request === null || request === seen.current) return;
    seen.current = request;
    void feed.jumpTo(request.place);
  }, [feed, request]);

  // The room began at the link it was opened with.
  const followed = useRef(linked?.key);
  useEffect(() => {
    if (linked === null || linked.key === followed.current) return;
    followed.current = linked.key;
    void feed.jumpTo(placeOfLink(linked));
  }, [feed, linked]);
}
