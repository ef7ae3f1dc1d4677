import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { useMe } from "../../lib/me.ts";
import { useStore } from "../../lib/store.ts";
import { useCountdown } from "../../lib/use-countdown.ts";
import type { ComposerHold } from "./composer.tsx";
import { memberOutbox } from "./outbox/member-outbox.ts";

/**
 * What slow mode and the rate limit ask the composer to wait for, whichever page of this browser wrote. In slow mode the
 * text stays in the box until its time has come. Whatever was sent and came too early waits in the outbox and goes out by
 * itself.
 */
export function useHold(room: Room): ComposerHold {
  const me = useMe();
  const mine = useStore(memberOutbox().outbox.messages).filter(({ roomId }) => roomId === room.id);
  const isSlow = room.slowModeSec > 0 && room.role === "member" && me.role !== "admin";
  const isOnItsWay = mine.some(({ state }) => state === "queued" || state === "sending");
  const held = mine.find(({ state, holdUntilMs }) => state === "queued" && holdUntilMs !== null);
  // The outbox forgets what was stored after a minute; slow mode may last longer.
  const [sentAtMs, setSentAtMs] = useState(0);
  const newestMs = Math.max(0, ...mine.filter(({ state }) => state === "sent").map(({ changedAtMs }) => changedAtMs));
  if (newestMs > sentAtMs) setSentAtMs(newestMs);
  const seconds = useCountdown(isSlow && sentAtMs > 0 ? sentAtMs + room.slowModeSec * 1_000 : null);
  const retrySeconds = useCountdown(held?.retryAtMs ?? null);
  if (retrySeconds > 0) {
    return { isHeld: isSlow, text: `${isSlow ? "Slow mode" : "That was a little fast"}: sent in ${retrySeconds} s` };
  }
  if (isSlow && seconds > 0) return { isHeld: true, text: `Slow mode: you can send in ${seconds} s` };
  return { isHeld: isSlow && isOnItsWay, text: isSlow ? `Slow mode: one message in ${paceText(room.slowModeSec)}` : "" };
}

/** "30 s", "5 min", "6 h". */
function paceText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}
