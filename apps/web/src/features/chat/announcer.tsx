import type { Message } from "@cardinal/api/schemas";
import { useEffect, useRef, useState } from "react";
import { announcementFor } from "./announcement.ts";

const PAUSE_MS = 2_500;

/**
 * Reads new messages of others out to screen readers, at most once in 2.5 s. It stands apart from the list:
 * a list that grows at both ends and recycles its rows would be read out again and again.
 */
export function Announcer({ arrivals, meId }: { arrivals: readonly Message[]; meId: string }) {
  const [text, setText] = useState("");
  const announced = useRef(arrivals.at(-1)?.number ?? 0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useRef(arrivals);
  newest.current = arrivals;

  useEffect(() => {
    if (timer.current !== undefined) return;
    const announce = () => {
      timer.current = undefined;
      const next = announcementFor(newest.current, announced.current, meId);
      announced.current = newest.current.at(-1)?.number ?? announced.current;
      if (next === null) return;
      setText(next);
      timer.current = setTimeout(announce, PAUSE_MS);
    };
    announce();
  }, [arrivals, meId]);

  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div role="log" aria-live="polite" aria-label="New messages" className="sr-only">
      {text}
    </div>
  );
}
