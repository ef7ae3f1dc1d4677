import { useEffect, useRef, useState } from "react";
import { useStore } from "../../lib/store.ts";
import { memberOutbox } from "./outbox/member-outbox.ts";

/** The draft of a room, and how to change it. What was kept comes a moment after the page, unless one writes at once. */
export function useDraft(roomId: string): [text: string, set: (text: string) => void] {
  const { drafts } = memberOutbox();
  const isRead = useStore(drafts.texts) !== null;
  const [text, setText] = useState(() => drafts.get(roomId));
  const isTouched = useRef(isRead);
  useEffect(() => {
    if (isRead && !isTouched.current) setText(drafts.get(roomId));
    isTouched.current ||= isRead;
  }, [drafts, isRead, roomId]);
  const set = (next: string) => {
    isTouched.current = true;
    setText(next);
    drafts.set(roomId, next);
  };
  return [text, set];
}
