import type { RoomView as Room } from "@cardinal/api/schemas";
import { useMe } from "../../lib/me.ts";
import { useStore } from "../../lib/store.ts";
import { useCountdown } from "../../lib/use-countdown.ts";
import type { ComposerHold } from "./composer.tsx";
import type { Outbox } from "./outbox.ts";

/**
 * What slow mode and the rate limit ask the composer to wait for. In slow mode the text stays in the box until its time
 * has come. Whatever was sent and came too early waits in the outbox and goes out by itself.
 */
export function useHold(room: Room, outbox: Outbox): ComposerHold {
  const me = useMe();
  const { sentAtMs, retryAtMs } = useStore(outbox.pace);
  const waits = useStore(outbox.store).some(({ state }) => state === "waiting" || state === "sending");
  const isSlow = room.slowModeSec > 0 && room.role === "member" && me.role !== "admin";
  const readyAtMs = isSlow && sentAtMs !== null ? sentAtMs + room.slowModeSec * 1_000 : null;
  const seconds = useCountdown(readyAtMs);
  const retrySeconds = useCountdown(waits ? retryAtMs : null);
  if (retrySeconds > 0) {
    return { isHeld: isSlow, text: `${isSlow ? "Slow mode" : "That was a little fast"}: sent in ${retrySeconds} s` };
  }
  if (isSlow && seconds > 0) return { isHeld: true, text: `Slow mode: you can send in ${seconds} s` };
  return { isHeld: isSlow && waits, text: isSlow ? `Slow mode: one message in ${paceText(room.slowModeSec)}` : "" };
}

/** "30 s", "5 min", "6 h". */
export function paceText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}
